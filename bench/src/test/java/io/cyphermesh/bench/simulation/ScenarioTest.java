package io.cyphermesh.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario with few nodes: all goals are reached there too. */
class ScenarioTest {
  private static final int SEEDS = 5;
  private static final int NODES = 20;
  private static final int EVENTS = 12;
  private static final int STORED = 5_000;

  /** Are others of these with more nodes. */
  private static final Set<String> LEFT_OUT = Set.of("big", "steady-large");

  static List<Scenario> scenarios() {
    return Stream.of(Scenario.catalogue())
        .flatMap(List::stream)
        .filter(scenario -> !LEFT_OUT.contains(scenario.name()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void fiveSeedsReachTheGoals(Scenario scenario) {
    boolean pair = scenario.nodes() == 2;
    List<String> missed = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      Setup setup =
          new Setup(
              Variant.DESIGN,
              pair ? 2 : NODES,
              pair ? STORED : EVENTS,
              seed,
              scenario.name() + ", seed " + seed);
      Outcome outcome = scenario.run(setup);
      for (Row row : scenario.rows().apply(setup.nodes())) {
        double value = outcome.value(row.key());
        if (!row.goal().met(value)) {
          missed.add("%s: %s is %s".formatted(setup.label(), row.title(), value));
        }
      }
    }
    assertThat(missed).isEmpty();
  }
}
