package io.cyphermesh.bench.simulation;

import io.cyphermesh.bench.report.Machine;
import io.cyphermesh.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the mesh reaches, in a simulator. */
@Command(
    name = "mesh",
    description =
        "The mesh in a deterministic simulator: what it costs and what it stands, beside the"
            + " usual parameters and flooding.",
    mixinStandardHelpOptions = true)
public final class MeshCommand implements Callable<Integer> {
  private static final int SEEDS = 3;

  /** One run of these takes as long as all seeds of others. */
  private static final Set<String> LARGEST = Set.of("steady-large", "sybils", "big");

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      split = ",",
      description =
          "Scenarios to run, with commas between; all by default: ${COMPLETION-CANDIDATES}",
      completionCandidates = Names.class)
  private List<String> scenarios = List.of();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "Honest nodes, instead of each scenario's own number.")
  private int nodes;

  @Option(
      names = "--events",
      paramLabel = "N",
      description = "Events, instead of each scenario's own number.")
  private int events;

  @Option(
      names = "--seeds",
      paramLabel = "K",
      description =
          "Seeds of each scenario, the worst one is shown; by default 3, and 1 of the largest.")
  private int seeds;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The first seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--design-only", description = "Leaves the usual parameters and flooding out.")
  private boolean designOnly;

  @Option(
      names = "--charts",
      paramLabel = "DIR",
      description = "Draws delivery over time and redundancy into this folder, as SVG.")
  private @Nullable Path charts;

  @Option(names = "--check", description = "Ends with 1 if a goal is missed.")
  private boolean check;

  private final Report report = new Report(System.out);

  /** Names of all scenarios. */
  static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Names() {
      super(Scenario.catalogue().stream().map(Scenario::name).toList());
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Scenario> wanted = wanted();
    report.line(Machine.line());
    List<String> missed = new ArrayList<>();
    for (Scenario scenario : wanted) {
      Comparison comparison =
          new Comparison(
              scenario,
              nodes > 0 ? nodes : scenario.nodes(),
              events > 0 ? events : scenario.events(),
              seed,
              seeds > 0 ? seeds : LARGEST.contains(scenario.name()) ? 1 : SEEDS,
              designOnly);
      comparison.run(report);
      if (charts != null) {
        comparison.draw(charts);
      }
      missed.addAll(comparison.missed());
    }
    if (!missed.isEmpty()) {
      report.line("");
      report.line("goals missed; each of these replays one:");
      missed.forEach(line -> report.line("  " + line));
    }
    report.figure("mesh.goalsMissed", missed.size());
    report.end();
    return check && !missed.isEmpty() ? 1 : 0;
  }

  private List<Scenario> wanted() {
    List<Scenario> all = Scenario.catalogue();
    if (scenarios.isEmpty()) {
      return all;
    }
    return scenarios.stream()
        .map(
            name ->
                all.stream()
                    .filter(scenario -> scenario.name().equals(name))
                    .findFirst()
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "no scenario is called '" + name + "'; there are " + new Names())))
        .toList();
  }
}
