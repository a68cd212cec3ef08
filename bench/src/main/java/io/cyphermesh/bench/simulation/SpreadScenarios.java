package io.cyphermesh.bench.simulation;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** How events spread while nothing much goes wrong. */
final class SpreadScenarios {
  private static final int LARGE = 2_000;
  private static final int WARM_UP = 60;
  private static final Duration SPREADING = Duration.ofSeconds(10);

  /** Most by which a clock is wrong: two of them are still within what a timestamp may be ahead. */
  private static final int SKEW_MILLIS = 4 * 60_000;

  private static final int SLOW_BYTES_PER_SECOND = 64_000;
  private static final int SLOW_OF_A_HUNDRED = 10;
  private static final double NANOS_A_MINUTE = 60e9;

  /** The serial collector lets a few of the dead lie except at each fourth full collection. */
  private static final int COMPACTS_AT = 4;

  /** Kilobytes a node: the design's, though the simulator's own share is counted here as well. */
  private static final double MOST_HEAP = 200;

  private SpreadScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "steady",
            "any sender, settled",
            1_000,
            100,
            Scenario.ALL,
            SpreadScenarios::steadyRows,
            (setup, outcome) -> steady(setup, outcome, Network.UNIFORM)),
        new Scenario(
            "steady-large",
            "the same with ten times as many nodes",
            10_000,
            50,
            Scenario.DESIGN,
            SpreadScenarios::steadyRows,
            (setup, outcome) -> steady(setup, outcome, Network.UNIFORM)),
        new Scenario(
            "mixing",
            "while all exchange a neighbour every 30 s, as after losses",
            1_000,
            120,
            List.of(Variant.DESIGN, Variant.FLOOD),
            _ -> rows(Goal.atMost(0.10), Goal.none()),
            SpreadScenarios::mixing),
        new Scenario(
            "skew",
            "clocks wrong by up to 4 minutes either way",
            1_000,
            50,
            Scenario.DESIGN,
            nodes -> steadyRows(nodes),
            SpreadScenarios::skew),
        new Scenario(
            "narrow",
            "every line of 1 MB/s",
            1_000,
            50,
            Scenario.DESIGN,
            SpreadScenarios::steadyRows,
            (setup, outcome) -> steady(setup, outcome, Network.NARROW)),
        new Scenario(
            "slow-links",
            "heavy-tailed latency, and one line in ten of 64 kB/s",
            1_000,
            50,
            Scenario.ALL,
            _ -> rows(Goal.none(), Goal.none()),
            SpreadScenarios::slowLinks));
  }

  /** The largest run; twice, since it must come out the same. */
  static Scenario big() {
    return new Scenario(
        "big",
        "ten thousand nodes and a thousand events, twice",
        10_000,
        1_000,
        Scenario.DESIGN,
        _ ->
            List.of(
                new Row("sameTrace", "the same trace twice", Goal.atLeast(1), 0),
                new Row("minutes", "minutes of one run", Goal.atMost(10), 1),
                new Row("cpuMinutes", "the same of its processor, without GC", Goal.none(), 1),
                new Row("nodeKilobytes", "heap a node at its end, kB", Goal.atMost(MOST_HEAP), 0),
                new Row("delivered", "delivered", Goal.atLeast(1), 5),
                new Row("redundancy", "redundancy, copies/(n−1) − 1", Goal.atMost(0.02), 3),
                new Row("lastHop", "last delivery, hops", Goal.atMost(15), 1),
                new Row("lastMillis", "last delivery, ms", Goal.atMost(600), 0)),
        (setup, outcome) -> {
          String first = timed(setup, outcome);
          bigOnce(setup, outcome);
          outcome.put("sameTrace", first.equals(outcome.trace()) ? 1 : 0);
        });
  }

  /** A run, and what it takes; gives its trace. */
  private static String timed(Setup setup, Outcome outcome) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long begin = System.nanoTime();
    long beginCpu = threads.getCurrentThreadCpuTime();
    Outcome first = new Outcome();
    Swarm swarm = bigOnce(setup, first);
    outcome.put("minutes", (System.nanoTime() - begin) / NANOS_A_MINUTE);
    outcome.put("cpuMinutes", (threads.getCurrentThreadCpuTime() - beginCpu) / NANOS_A_MINUTE);
    for (int i = 0; i < COMPACTS_AT; i++) {
      memory.gc();
    }
    outcome.put("nodeKilobytes", memory.getHeapMemoryUsage().getUsed() / 1e3 / swarm.live().size());
    return first.trace();
  }

  private static Swarm bigOnce(Setup setup, Outcome outcome) {
    Swarm swarm = Swarm.settled(setup, Network.UNIFORM);
    swarm.publish("first events", WARM_UP, Duration.ofSeconds(6));
    setup.run(swarm.world, "waiting", SPREADING);
    measure(setup, swarm, outcome, Duration.ofMillis(5L * setup.events()));
    outcome.ran(swarm.world);
    return swarm;
  }

  private static List<Row> steadyRows(int nodes) {
    return List.of(
        new Row("redundancy", "redundancy, copies/(n−1) − 1", Goal.atMost(0.02), 3),
        new Row("lastHop", "last delivery, hops", Goal.atMost(nodes > LARGE ? 15 : 11), 1),
        new Row("lastMillis", "last delivery, ms", Goal.atMost(nodes > LARGE ? 600 : 500), 0),
        new Row("delivered", "delivered", Goal.atLeast(1), 5),
        new Row("controlBytes", "control, bytes a node and event", Goal.none(), 0),
        new Row("payloadBytes", "events, bytes a node and event", Goal.none(), 0));
  }

  private static List<Row> rows(Goal redundancy, Goal millis) {
    return List.of(
        new Row("redundancy", "redundancy, copies/(n−1) − 1", redundancy, 3),
        new Row("lastMillis", "last delivery, ms", millis, 0),
        new Row("delivered", "delivered", Goal.atLeast(1), 5));
  }

  private static void steady(Setup setup, Outcome outcome, Network network) {
    Swarm swarm = Swarm.settled(setup, network);
    warmUp(setup, swarm);
    measure(setup, swarm, outcome, Duration.ofMillis(100L * setup.events()));
    outcome.ran(swarm.world);
  }

  private static void warmUp(Setup setup, Swarm swarm) {
    swarm.publish("first events", WARM_UP, Duration.ofSeconds(6));
    setup.run(swarm.world, "waiting", SPREADING);
  }

  private static void mixing(Setup setup, Outcome outcome) {
    Swarm swarm = Swarm.settled(setup, Network.UNIFORM);
    warmUp(setup, swarm);
    // Nearly everybody has had a neighbour or two among these.
    swarm.crash(0.3, false);
    setup.run(swarm.world, "after the crash", Duration.ofSeconds(30));
    // What the crash left of the tree is mended by these, and is not what is measured here.
    swarm.publish("mending", WARM_UP, Duration.ofSeconds(15));
    measure(setup, swarm, outcome, Duration.ofMillis(500L * setup.events()));
    outcome.ran(swarm.world);
  }

  private static void skew(Setup setup, Outcome outcome) {
    SplittableRandom random = new SplittableRandom(setup.seed());
    Swarm swarm =
        Swarm.settled(
            setup,
            Network.UNIFORM,
            host -> host.skewMillis = random.nextInt(-SKEW_MILLIS, SKEW_MILLIS + 1));
    warmUp(setup, swarm);
    measure(setup, swarm, outcome, Duration.ofMillis(100L * setup.events()));
    outcome.ran(swarm.world);
  }

  private static void slowLinks(Setup setup, Outcome outcome) {
    SplittableRandom random = new SplittableRandom(setup.seed());
    Swarm swarm =
        Swarm.settled(
            setup,
            Network.HEAVY_TAIL,
            host ->
                host.bytesPerSecond =
                    random.nextInt(100) < SLOW_OF_A_HUNDRED ? SLOW_BYTES_PER_SECOND : 0);
    warmUp(setup, swarm);
    measure(setup, swarm, outcome, Duration.ofMillis(500L * setup.events()));
    outcome.ran(swarm.world);
  }

  /** Publishes the run's events, evenly over so long, and measures how they fare. */
  private static void measure(Setup setup, Swarm swarm, Outcome outcome, Duration over) {
    World world = swarm.world;
    world.ledger.resetTraffic();
    world.ledger.measure(true);
    List<Events.Made> events = swarm.publish("publishing", setup.events(), over);
    setup.run(world, "spreading", SPREADING);
    world.ledger.measure(false);
    spread(swarm, events, outcome);
    double shares = (double) events.size() * swarm.live().size();
    outcome.put("controlBytes", world.ledger.bytes(Traffic.CONTROL) / shares);
    outcome.put("payloadBytes", world.ledger.bytes(Traffic.PAYLOAD) / shares);
  }

  /** Means over events of redundancy, last hop and last time, and who has them. */
  static void spread(Swarm swarm, List<Events.Made> events, Outcome outcome) {
    List<Node> live = swarm.live();
    double redundancy = 0;
    double hops = 0;
    double millis = 0;
    for (Events.Made made : events) {
      Ledger.Tally tally = swarm.world.ledger.of(made.number());
      redundancy += tally.redundancy(live.size() - 1);
      hops += tally.lastHop;
      millis += tally.lastMillis();
    }
    outcome.put("redundancy", redundancy / events.size());
    outcome.put("lastHop", hops / events.size());
    outcome.put("lastMillis", millis / events.size());
    outcome.put("delivered", Swarm.delivered(events, live));
    long[] arrivals = swarm.world.ledger.arrivals();
    double[] share = new double[arrivals.length];
    long sum = events.size();
    for (int i = 0; i < arrivals.length; i++) {
      sum += arrivals[i];
      share[i] = sum / ((double) events.size() * live.size());
    }
    outcome.curve("delivered", share);
  }
}
