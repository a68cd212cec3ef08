package io.cyphermesh.bench.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What goes wrong with links and nodes, and is made up for. */
final class FaultScenarios {
  private static final Duration WITHIN = Duration.ofSeconds(60);
  private static final double LOSS = 0.05;
  private static final double CHURN_A_MINUTE = 0.10;

  private FaultScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "loss-churn",
            "5 % of messages lost, and 10 % of nodes exchanged a minute",
            1_000,
            120,
            Scenario.ALL,
            _ ->
                List.of(
                    new Row("delivered", "who stayed has all after 60 s", Goal.atLeast(1), 5),
                    new Row("newcomers", "who came has all after 60 s", Goal.none(), 5)),
            FaultScenarios::lossAndChurn),
        new Scenario(
            "disorder",
            "5 % of messages come twice, 5 % are overtaken",
            1_000,
            50,
            Scenario.DESIGN,
            _ -> List.of(new Row("delivered", "delivered within 10 s", Goal.atLeast(1), 5)),
            FaultScenarios::disorder),
        new Scenario(
            "one-way",
            "nothing gets from a fifth of the nodes to the others for a minute",
            1_000,
            40,
            Scenario.DESIGN,
            _ ->
                List.of(
                    new Row("during", "those of the others among the others", Goal.atLeast(1), 5),
                    new Row("delivered", "all 60 s after it was mended", Goal.atLeast(1), 5)),
            FaultScenarios::oneWay),
        new Scenario(
            "restart",
            "30 % crash and start again, half of them without their stores",
            1_000,
            100,
            Scenario.DESIGN,
            _ ->
                List.of(
                    new Row("withStore", "with their stores, after 60 s", Goal.atLeast(1), 5),
                    new Row("without", "without them, after 60 s", Goal.atLeast(1), 5),
                    new Row("others", "the others", Goal.atLeast(1), 5)),
            FaultScenarios::restart),
        new Scenario(
            "rejoin",
            "two halves with as many events on each side meet again",
            1_000,
            10_000,
            Scenario.DESIGN,
            _ ->
                List.of(
                    new Row("delivered", "all after 60 s", Goal.atLeast(1), 5),
                    new Row("payload", "events sent, of what was missing", Goal.atMost(1.15), 3),
                    new Row("seconds", "seconds until all had all", Goal.atMost(60), 0)),
            FaultScenarios::rejoin));
  }

  private static Swarm warm(Setup setup) {
    Swarm swarm = Swarm.settled(setup, Network.UNIFORM);
    swarm.publish("first events", 60, Duration.ofSeconds(6));
    setup.run(swarm.world, "waiting", Duration.ofSeconds(4));
    return swarm;
  }

  private static void lossAndChurn(Setup setup, Outcome outcome) {
    Swarm swarm = warm(setup);
    World world = swarm.world;
    world.faults.loss = LOSS;
    int exchanged = (int) Math.round(2 * CHURN_A_MINUTE * setup.nodes());
    List<Node> old = swarm.live();
    for (int i = 0; i < exchanged; i++) {
      boolean silently = i % 2 == 0;
      world.in(
          Duration.ofNanos(120_000_000_000L / exchanged * i),
          () -> {
            world.crash(swarm.any().host, silently);
            swarm.joinOne();
          });
    }
    List<Events.Made> events = swarm.publish("publishing", setup.events(), Duration.ofMinutes(2));
    // Whoever crashed with an event of its own before anybody had it took it away.
    setup.run(world, "spreading", WITHIN);
    List<Node> stayed = swarm.live();
    stayed.retainAll(old);
    List<Node> came = swarm.live();
    came.removeAll(old);
    outcome.put("delivered", Swarm.delivered(events, stayed));
    outcome.put("newcomers", came.isEmpty() ? Double.NaN : Swarm.delivered(events, came));
    outcome.ran(world);
  }

  private static void disorder(Setup setup, Outcome outcome) {
    Swarm swarm = warm(setup);
    swarm.world.faults.duplication = 0.05;
    swarm.world.faults.reordering = 0.05;
    List<Events.Made> events = swarm.publish("publishing", setup.events(), Duration.ofSeconds(10));
    setup.run(swarm.world, "spreading", Duration.ofSeconds(10));
    outcome.put("delivered", Swarm.delivered(events, swarm.live()));
    outcome.ran(swarm.world);
  }

  private static void oneWay(Setup setup, Outcome outcome) {
    Swarm swarm = warm(setup);
    World world = swarm.world;
    int hosts = world.hosts().size();
    BitSet mute = new BitSet();
    mute.set(0, hosts / 5);
    BitSet rest = new BitSet();
    rest.set(hosts / 5, hosts);
    world.faults.add(new Faults.Cut(mute, rest));
    List<Node> heard = new ArrayList<>();
    for (Node node : swarm.live()) {
      if (rest.get(node.host.number)) {
        heard.add(node);
      }
    }
    setup.run(world, "cut", Duration.ofSeconds(30));
    List<Events.Made> events = swarm.publish("publishing", setup.events(), Duration.ofSeconds(20));
    setup.run(world, "spreading", Duration.ofSeconds(10));
    List<Events.Made> ofOthers = new ArrayList<>();
    for (Events.Made made : events) {
      if (heard.stream().anyMatch(n -> n.host.id.equals(made.event().reporter().nodeId()))) {
        ofOthers.add(made);
      }
    }
    outcome.put("during", Swarm.delivered(ofOthers, heard));
    world.faults.heal();
    setup.run(world, "mended", WITHIN);
    outcome.put("delivered", Swarm.delivered(events, swarm.live()));
    outcome.ran(world);
  }

  private static void restart(Setup setup, Outcome outcome) {
    Swarm swarm = warm(setup);
    World world = swarm.world;
    List<Events.Made> events =
        new ArrayList<>(swarm.publish("before", setup.events() / 2, Duration.ofSeconds(5)));
    setup.run(world, "spreading", Duration.ofSeconds(5));
    List<Node> crashed = swarm.crash(0.3, false);
    List<Node> others = swarm.live();
    events.addAll(swarm.publish("meanwhile", setup.events() / 2, Duration.ofSeconds(20)));
    setup.run(world, "spreading", Duration.ofSeconds(20));
    List<Node> withStore = new ArrayList<>();
    List<Node> without = new ArrayList<>();
    for (Node node : crashed) {
      boolean kept = withStore.size() <= without.size();
      (kept ? withStore : without).add(swarm.restart(node, kept));
    }
    setup.run(world, "catching up", WITHIN);
    outcome.put("withStore", Swarm.delivered(events, withStore));
    outcome.put("without", Swarm.delivered(events, without));
    outcome.put("others", Swarm.delivered(events, others));
    outcome.ran(world);
  }

  private static void rejoin(Setup setup, Outcome outcome) {
    Swarm swarm = warm(setup);
    World world = swarm.world;
    BitSet half = new BitSet();
    for (int i = 0; i < world.hosts().size(); i += 2) {
      half.set(i);
    }
    world.faults.split(half, world.hosts().size());
    setup.run(world, "apart", Duration.ofSeconds(60));
    List<Events.Made> events =
        swarm.publish("publishing", 2 * setup.events(), Duration.ofSeconds(30));
    // What is younger is not counted in yet.
    setup.run(world, "still apart", Duration.ofSeconds(40));
    double missing = (1 - Swarm.delivered(events, swarm.live())) * events.size();
    world.ledger.resetTraffic();
    world.faults.heal();
    double seconds = Double.NaN;
    for (int gone = 2; gone <= WITHIN.toSeconds(); gone += 2) {
      setup.run(world, "together", Duration.ofSeconds(2));
      if (Swarm.delivered(events, swarm.live()) == 1) {
        seconds = gone;
        break;
      }
    }
    outcome.put("delivered", Swarm.delivered(events, swarm.live()));
    outcome.put(
        "payload", world.ledger.payload() / (missing * swarm.live().size() * Traffic.EVENT));
    outcome.put("seconds", seconds);
    outcome.ran(world);
  }
}
