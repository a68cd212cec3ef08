package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.mesh.AddressOrigin;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/** Two nodes that have nearly the same events, and what it costs until they have all. */
final class CatchUpScenarios {
  private static final int STORED = 1_000_000;
  private static final Duration SPAN = Duration.ofDays(29);

  /** What is younger than half a minute is not counted in. */
  private static final Duration YOUNGEST = Duration.ofMinutes(2);

  private static final int REPORTERS = 100;
  private static final int MOST_SECONDS = 180;

  private CatchUpScenarios() {}

  static List<Scenario> all() {
    return List.of(
        scenario("nothing-to-catch-up", "both have the same", 0, false, Goal.atMost(64)),
        scenario(
            "catch-up-recent", "one lacks the 10,000 newest", 10_000, true, Goal.atMost(210_000)),
        scenario(
            "catch-up-scattered",
            "one lacks 1,000 here and there",
            1_000,
            false,
            Goal.atMost(560_000)));
  }

  private static Scenario scenario(
      String name, String title, int missing, boolean newest, Goal bytes) {
    return new Scenario(
        name,
        title + ", of a million (events: how many there are)",
        2,
        STORED,
        Scenario.DESIGN,
        _ ->
            List.of(
                new Row("bytes", "digests, ranges and wants, bytes", bytes, 0),
                new Row("frameBytes", "the same as frames of JSON, bytes", Goal.none(), 0),
                new Row("roundTrips", "round trips", newest ? Goal.atMost(4) : Goal.none(), 1),
                new Row("seconds", "seconds until both have all", Goal.atMost(60), 1),
                new Row("delivered", "of what was missing", Goal.atLeast(1), 5)),
        (setup, outcome) -> run(setup, outcome, scaled(missing, setup.events()), newest));
  }

  /** With fewer events fewer are missing, in proportion. */
  private static int scaled(int missing, int events) {
    return (int) ((long) missing * events / STORED);
  }

  private static void run(Setup setup, Outcome outcome, int missing, boolean newest) {
    World world = new World(setup.seed(), Network.UNIFORM);
    SplittableRandom random = world.chance();
    Host[] reporters = new Host[REPORTERS];
    for (int i = 0; i < REPORTERS; i++) {
      reporters[i] = world.host(100 + i);
    }
    int count = setup.events();
    long begin = world.millis() - YOUNGEST.toMillis() - SPAN.toMillis();
    for (int i = 0; i < count; i++) {
      long millis = begin + (long) (SPAN.toMillis() * ((i + random.nextDouble()) / count));
      world.events.make(reporters[i % REPORTERS].key, millis, true);
    }
    BitSet all = new BitSet();
    all.set(0, count);
    BitSet some = (BitSet) all.clone();
    if (newest) {
      some.clear(count - missing, count);
    } else {
      while (some.cardinality() > count - missing) {
        some.clear(random.nextInt(count));
      }
    }
    Node full = new Node(world, world.host(1), setup.variant(), all);
    Node behind = new Node(world, world.host(2), setup.variant(), some);
    full.start();
    behind.start();
    behind.knows(full.host, AddressOrigin.LEARNED);
    int tenths = 0;
    boolean done = false;
    while (!done && tenths < 10 * MOST_SECONDS) {
      world.run(Duration.ofMillis(100));
      tenths++;
      done = some.cardinality() == count && world.ledger.rounds() >= 2;
    }
    outcome.put("bytes", (double) world.ledger.bareReconciliation());
    outcome.put("frameBytes", (double) world.ledger.bytes(Traffic.RECONCILIATION));
    outcome.put("roundTrips", world.ledger.rounds() / 2.0);
    outcome.put("seconds", done ? tenths / 10.0 : Double.NaN);
    outcome.put(
        "delivered", missing == 0 ? 1 : 1 - (count - some.cardinality()) / (double) missing);
    outcome.ran(world);
  }
}
