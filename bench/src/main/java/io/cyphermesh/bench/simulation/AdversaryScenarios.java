package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.LinkRole;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.mesh.Output;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One node in ten means ill. They take part as others do until they are neighbours of honest ones,
 * then begin, and go on to the end.
 */
final class AdversaryScenarios {
  private static final Duration SETTLING = Duration.ofSeconds(60);
  private static final Duration ATTACK = Duration.ofSeconds(60);

  /** A link is compared over about once a minute, and it takes half a minute to see it fail. */
  private static final Duration LONG_ATTACK = Duration.ofMinutes(5);

  private static final Duration PUBLISHING = Duration.ofSeconds(20);
  private static final Duration REST = Duration.ofSeconds(60);
  private static final int ONE_OF = 10;
  private static final int NETWORKS = 2_000;

  /** The eclipse's addresses are in so many networks, which begin here. */
  private static final int ECLIPSE_NETWORKS = 4;

  private static final int FIRST_ECLIPSE_NETWORK = 3_000;
  private static final long TOO_OLD_MILLIS = 40L * 24 * 3_600_000;
  private static final int GARBAGE = 600;

  private AdversaryScenarios() {}

  /** What the ill-meaning do. */
  @FunctionalInterface
  private interface Attack {
    /** Begins. */
    void begin(Swarm swarm, List<Node> adversaries, Node victim, SplittableRandom random);
  }

  static List<Scenario> all() {
    return List.of(
        scenario(
            "ihave-liars",
            "who announce what there is not",
            AdversaryScenarios::announceNothing,
            ATTACK),
        scenario(
            "invalid-flood",
            "who send events with wrong signatures, also in a victim's name",
            AdversaryScenarios::flood,
            ATTACK),
        scenario(
            "backdated", "who push events that are too old", AdversaryScenarios::backdate, ATTACK),
        scenario("slow-readers", "who read nothing", AdversaryScenarios::stall, ATTACK),
        scenario(
            "reconciliation-liars",
            "who reconcile with garbage, without end, or serve nothing",
            AdversaryScenarios::misreconcile,
            LONG_ATTACK),
        eclipse());
  }

  private static Scenario scenario(String name, String title, Attack attack, Duration length) {
    return new Scenario(
        name,
        title,
        1_000,
        50,
        Scenario.DESIGN,
        _ ->
            List.of(
                new Row("delivered", "honest events at honest nodes", Goal.atLeast(0.999), 5),
                new Row("left", "links of before the attack that are left", Goal.atMost(0), 4),
                new Row("neighbours", "neighbours an honest node has among them", Goal.none(), 3),
                new Row("victimScore", "least score of the victim", Goal.atLeast(0), 0),
                new Row("victimIgnored", "who ignore the victim", Goal.atMost(0), 0)),
        (setup, outcome) -> {
          Swarm swarm = Swarm.settled(setup, Network.UNIFORM);
          SplittableRandom random = swarm.world.chance();
          List<Node> adversaries = new ArrayList<>();
          for (int i = 0; i < Math.max(1, setup.nodes() / ONE_OF); i++) {
            adversaries.add(swarm.adversary(random.nextInt(NETWORKS)));
          }
          attacked(setup, swarm, adversaries, attack, length, random, outcome, swarm.any());
        });
  }

  private static Scenario eclipse() {
    return new Scenario(
        "eclipse",
        "who crowd in on one node from four networks and pass nothing on",
        1_000,
        50,
        Scenario.DESIGN,
        _ ->
            List.of(
                new Row("delivered", "honest events at honest nodes", Goal.atLeast(0.999), 5),
                new Row("victim", "honest events at the victim", Goal.atLeast(0.999), 5),
                new Row("honest", "honest neighbours of the victim", Goal.atLeast(4), 0),
                new Row("crowd", "its neighbours among them", Goal.none(), 0)),
        (setup, outcome) -> {
          Swarm swarm = Swarm.settled(setup, Network.UNIFORM);
          SplittableRandom random = swarm.world.chance();
          Node victim = swarm.any();
          List<Node> adversaries = new ArrayList<>();
          for (int i = 0; i < Math.max(20, setup.nodes() / ONE_OF); i++) {
            Node node = swarm.adversary(FIRST_ECLIPSE_NETWORK + i % ECLIPSE_NETWORKS);
            node.only(output -> !spreads(output));
            node.knows(victim.host, AddressOrigin.OPERATOR);
            adversaries.add(node);
          }
          attacked(
              setup,
              swarm,
              adversaries,
              (_, all, of, _) -> again(swarm.world, Duration.ofSeconds(5), () -> crowd(all, of)),
              ATTACK,
              random,
              outcome,
              victim);
          Set<Host> ill = hosts(adversaries);
          List<Host> neighbours = victim.neighbours();
          outcome.put("honest", (double) neighbours.stream().filter(h -> !ill.contains(h)).count());
          outcome.put("crowd", (double) neighbours.stream().filter(ill::contains).count());
        });
  }

  private static void attacked(
      Setup setup,
      Swarm swarm,
      List<Node> adversaries,
      Attack attack,
      Duration length,
      SplittableRandom random,
      Outcome outcome,
      Node victim) {
    World world = swarm.world;
    setup.run(world, "taking part", SETTLING);
    swarm.publish("first events", 20, Duration.ofSeconds(2));
    victim.publish();
    setup.run(world, "waiting", Duration.ofSeconds(4));
    Set<Host> ill = hosts(adversaries);
    Set<End> before = links(swarm, ill);
    attack.begin(swarm, adversaries, victim, random);
    setup.run(world, "attack", length);
    List<Events.Made> events = swarm.publish("publishing", setup.events(), PUBLISHING);
    setup.run(world, "spreading", REST);
    List<Node> honest = swarm.live();
    outcome.put("delivered", Swarm.delivered(events, honest));
    outcome.put("victim", Swarm.delivered(events, List.of(victim)));
    double left = before.stream().filter(end -> end.open).count();
    outcome.put("left", before.isEmpty() ? 0 : left / before.size());
    long neighbours = 0;
    long least = Long.MAX_VALUE;
    int ignoring = 0;
    for (Node node : honest) {
      neighbours += node.neighbours().stream().filter(ill::contains).count();
      if (node != victim) {
        least = Math.min(least, node.scoreOf(victim.host));
        ignoring += node.ignores(victim.host) ? 1 : 0;
      }
    }
    outcome.put("neighbours", (double) neighbours / honest.size());
    outcome.put("victimScore", (double) least);
    outcome.put("victimIgnored", ignoring);
    outcome.ran(world);
  }

  private static Set<Host> hosts(List<Node> nodes) {
    Set<Host> hosts = new HashSet<>();
    nodes.forEach(node -> hosts.add(node.host));
    return hosts;
  }

  /** Links of honest nodes with ill-meaning ones. */
  private static Set<End> links(Swarm swarm, Set<Host> ill) {
    Set<End> found = new HashSet<>();
    for (Node node : swarm.live()) {
      for (MeshSnapshot.LinkState link : node.snapshot().links()) {
        End end = node.host.end(link.link());
        if (end != null && link.role() != LinkRole.PLAIN && ill.contains(end.other.host)) {
          found.add(end);
        }
      }
    }
    return found;
  }

  private static void again(World world, Duration every, Runnable task) {
    task.run();
    world.in(every, () -> again(world, every, task));
  }

  // ---- what they do

  private static void announceNothing(
      Swarm swarm, List<Node> adversaries, Node victim, SplittableRandom random) {
    World world = swarm.world;
    again(
        world,
        Duration.ofSeconds(1),
        () ->
            adversaries.forEach(
                node -> {
                  List<Message.Announced> none = new ArrayList<>();
                  for (int i = 0; i < 10; i++) {
                    none.add(new Message.Announced(world.events.unknownKey(), 1 + i));
                  }
                  node.sendToAll(new Message.IHave(none, random.nextBoolean()));
                }));
  }

  private static void flood(
      Swarm swarm, List<Node> adversaries, Node victim, SplittableRandom random) {
    World world = swarm.world;
    again(
        world,
        Duration.ofMillis(500),
        () ->
            adversaries.forEach(
                node -> {
                  Host named = random.nextBoolean() ? victim.host : node.host;
                  Events.Made forged = world.events.make(named.key, world.millis(), false);
                  node.sendToAll(new Message.Event(forged.event(), 1));
                }));
  }

  private static void backdate(
      Swarm swarm, List<Node> adversaries, Node victim, SplittableRandom random) {
    World world = swarm.world;
    again(
        world,
        Duration.ofSeconds(1),
        () ->
            adversaries.forEach(
                node -> {
                  long old = world.millis() - TOO_OLD_MILLIS - random.nextInt(100_000);
                  Events.Made made = world.events.make(node.host.key, old, true);
                  node.sendToAll(new Message.Event(made.event(), 1));
                }));
  }

  private static void stall(
      Swarm swarm, List<Node> adversaries, Node victim, SplittableRandom random) {
    adversaries.forEach(node -> swarm.world.setReads(node.host, false));
  }

  private static void misreconcile(
      Swarm swarm, List<Node> adversaries, Node victim, SplittableRandom random) {
    for (int i = 0; i < adversaries.size(); i++) {
      Node node = adversaries.get(i);
      switch (i % 3) {
        case 0 -> node.intercept((end, message) -> garbage(swarm.world, end, message, random));
        case 1 -> node.intercept((end, message) -> echo(swarm.world, end, message, random));
        default -> node.only(output -> !(output instanceof Output.Deliver));
      }
      if (i % 3 == 2) {
        // It has events that nobody else has, and offers them.
        swarm.world.in(Duration.ofSeconds(1), () -> hoard(swarm.world, node));
      }
    }
    // All of them want to reconcile all the time.
    again(
        swarm.world,
        Duration.ofSeconds(10),
        () ->
            adversaries.forEach(
                node -> {
                  byte[] fingerprint = new byte[16];
                  random.nextBytes(fingerprint);
                  long hour = swarm.world.millis() / 3_600_000 - 24 * 29;
                  node.sendToAll(
                      new Message.Digest(hour, swarm.world.millis() / 1_000 - 31, fingerprint));
                }));
  }

  private static void hoard(World world, Node node) {
    node.only(output -> !spreads(output));
    for (int i = 0; i < 20; i++) {
      node.publish(world.events.make(node.host.key, world.millis() - 60_000 - i, true));
    }
  }

  private static boolean garbage(World world, End end, Message message, SplittableRandom random) {
    if (!(message instanceof Message.Digest) && !(message instanceof Message.Reconcile)) {
      return false;
    }
    byte[] bytes = new byte[random.nextInt(GARBAGE)];
    random.nextBytes(bytes);
    world.send(end, new Message.Reconcile(bytes));
    return true;
  }

  private static boolean echo(World world, End end, Message message, SplittableRandom random) {
    if (message instanceof Message.Digest digest) {
      byte[] other = digest.fingerprint().clone();
      random.nextBytes(other);
      world.send(end, new Message.Digest(digest.fromHour(), digest.seconds(), other));
      return true;
    }
    if (message instanceof Message.Reconcile reconcile) {
      world.send(end, reconcile);
      return true;
    }
    return false;
  }

  private static void crowd(List<Node> adversaries, Node victim) {
    for (Node node : adversaries) {
      for (End end : List.copyOf(node.host.ends.values())) {
        if (end.other.host == victim.host) {
          node.send(end, new Message.Neighbor(true));
        }
      }
    }
  }

  /** Whether an output passes events on. */
  private static boolean spreads(Output output) {
    return switch (output) {
      case Output.Send send ->
          send.message() instanceof Message.Event
              || send.message() instanceof Message.Events
              || send.message() instanceof Message.IHave;
      case Output.Deliver _ -> true;
      default -> false;
    };
  }
}
