package io.cyphermesh.bench.simulation;

import java.time.Duration;
import java.util.List;

/** What is left after many nodes are gone at once. */
final class CrashScenarios {
  private CrashScenarios() {}

  static List<Scenario> all() {
    return List.of(crash(30), crash(50), crash(80), duringCrash(), component());
  }

  private static Scenario crash(int percent) {
    return new Scenario(
        "crash" + percent,
        "5 s after a crash of " + percent + " %",
        1_000,
        20,
        Scenario.ALL,
        _ ->
            List.of(
                new Row("delivered", "survivors reached", Goal.atLeast(1), 5),
                new Row("component", "largest component", Goal.none(), 4)),
        (setup, outcome) -> {
          Swarm swarm = warm(setup);
          swarm.crash(percent / 100.0, false);
          setup.run(swarm.world, "after the crash", Duration.ofSeconds(5));
          outcome.put("component", swarm.largestComponent());
          List<Events.Made> events =
              swarm.publish("publishing", setup.events(), Duration.ofSeconds(2));
          setup.run(swarm.world, "spreading", Duration.ofSeconds(10));
          outcome.put("delivered", Swarm.delivered(events, swarm.live()));
          outcome.ran(swarm.world);
        });
  }

  private static Scenario duringCrash() {
    return new Scenario(
        "publish-during-crash80",
        "published while 80 % crash",
        1_000,
        10,
        Scenario.ALL,
        _ ->
            List.of(
                new Row("delivered", "survivors reached within 10 s", Goal.atLeast(0.999), 5),
                new Row("caughtUp", "the same after one catch-up", Goal.atLeast(1), 5)),
        (setup, outcome) -> {
          Swarm swarm = warm(setup);
          swarm.crash(0.8, false);
          List<Events.Made> events =
              swarm.publish("publishing", setup.events(), Duration.ofMillis(100));
          setup.run(swarm.world, "spreading", Duration.ofSeconds(10));
          outcome.put("delivered", Swarm.delivered(events, swarm.live()));
          setup.run(swarm.world, "catching up", Duration.ofSeconds(110));
          outcome.put("caughtUp", Swarm.delivered(events, swarm.live()));
          outcome.ran(swarm.world);
        });
  }

  private static Scenario component() {
    return new Scenario(
        "crash95-component",
        "90 s after a crash of 95 %",
        1_000,
        1,
        List.of(Variant.DESIGN, Variant.USUAL),
        _ -> List.of(new Row("component", "largest component", Goal.atLeast(0.999), 4)),
        (setup, outcome) -> {
          Swarm swarm = warm(setup);
          swarm.crash(0.95, false);
          setup.run(swarm.world, "after the crash", Duration.ofSeconds(90));
          outcome.put("component", swarm.largestComponent());
          outcome.ran(swarm.world);
        });
  }

  private static Swarm warm(Setup setup) {
    Swarm swarm = Swarm.settled(setup, Network.UNIFORM);
    swarm.publish("first events", 60, Duration.ofSeconds(6));
    setup.run(swarm.world, "waiting", Duration.ofSeconds(4));
    return swarm;
  }
}
