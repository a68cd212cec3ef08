package io.cyphermesh.bench.simulation;

import io.cyphermesh.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A scenario under several seeds and designs, side by side. */
final class Comparison {
  private final Scenario scenario;
  private final int nodes;
  private final int events;
  private final long firstSeed;
  private final int seeds;
  private final List<Variant> variants;
  private final Map<Variant, Map<Long, Outcome>> outcomes = new LinkedHashMap<>();
  private final List<String> missed = new ArrayList<>();

  Comparison(
      Scenario scenario, int nodes, int events, long firstSeed, int seeds, boolean designOnly) {
    this.scenario = scenario;
    this.nodes = nodes;
    this.events = events;
    this.firstSeed = firstSeed;
    this.seeds = seeds;
    this.variants = designOnly ? Scenario.DESIGN : scenario.variants();
  }

  /** Runs all and prints the table. */
  void run(Report report) {
    long steps = 0;
    long begin = System.nanoTime();
    for (Variant variant : variants) {
      Map<Long, Outcome> bySeed = new LinkedHashMap<>();
      outcomes.put(variant, bySeed);
      for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
        String label = scenario.name() + ", " + variant.title() + ", seed " + seed;
        Outcome outcome = scenario.run(new Setup(variant, nodes, events, seed, label));
        steps += outcome.steps();
        bySeed.put(seed, outcome);
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    report.line("");
    report.line(
        scenario.name()
            + ": "
            + scenario.title()
            + "; "
            + Report.grouped(nodes)
            + " nodes, "
            + Report.grouped(events)
            + " events, "
            + seeds
            + (seeds == 1 ? " seed; " : " seeds, the worst one; ")
            + Report.decimals(seconds, 1)
            + " s, "
            + Report.grouped(steps / seconds)
            + " steps/s");
    table(report);
    outcomes
        .getOrDefault(Variant.DESIGN, Map.of())
        .forEach(
            (seed, outcome) -> report.line("  trace of seed " + seed + ": " + outcome.trace()));
  }

  private void table(Report report) {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("measure", "goal"));
    variants.forEach(variant -> head.add(variant.title()));
    lines.add(head);
    for (Row row : scenario.rows().apply(nodes)) {
      List<String> line = new ArrayList<>(List.of(row.title(), row.goalText()));
      for (Variant variant : variants) {
        Map<Long, Outcome> bySeed = outcomes.getOrDefault(variant, Map.of());
        double worst =
            row.goal().worst(bySeed.values().stream().map(o -> o.value(row.key())).toList());
        boolean design = variant.equals(Variant.DESIGN);
        line.add(row.text(worst) + (design && !row.goal().met(worst) ? " !" : ""));
        if (!Double.isNaN(worst)) {
          report.figure(
              "mesh." + scenario.name() + "." + row.key() + (design ? "" : "." + variant.name()),
              worst);
        }
        if (design) {
          bySeed.forEach((seed, outcome) -> check(row, seed, outcome));
        }
      }
      lines.add(line);
    }
    report.table(lines);
  }

  private void check(Row row, long seed, Outcome outcome) {
    double value = outcome.value(row.key());
    if (!row.goal().met(value)) {
      missed.add(
          "bench/run mesh --design-only --scenario "
              + scenario.name()
              + " --nodes "
              + nodes
              + " --events "
              + events
              + " --seeds 1 --seed "
              + seed
              + "  # "
              + row.key()
              + " "
              + row.text(value)
              + ", not "
              + row.goalText());
    }
  }

  /** Draws what there is to draw, into files of that folder. */
  void draw(Path folder) throws IOException {
    Map<String, double[]> curves = new LinkedHashMap<>();
    Map<String, Double> redundancy = new LinkedHashMap<>();
    outcomes.forEach(
        (variant, bySeed) -> {
          bySeed.values().stream()
              .map(outcome -> outcome.curves().get("delivered"))
              .filter(Objects::nonNull)
              .findFirst()
              .ifPresent(curve -> curves.put(variant.title(), curve));
          bySeed.values().stream()
              .mapToDouble(outcome -> outcome.value("redundancy"))
              .filter(value -> !Double.isNaN(value))
              .max()
              .ifPresent(value -> redundancy.put(variant.title(), value));
        });
    String what = scenario.name() + ", " + Report.grouped(nodes) + " nodes: ";
    if (!curves.isEmpty()) {
      Charts.delivery(
          folder.resolve("mesh-" + scenario.name() + "-delivery.svg"),
          what + "who has an event, by time",
          curves);
    }
    if (!redundancy.isEmpty()) {
      Charts.bars(
          folder.resolve("mesh-" + scenario.name() + "-redundancy.svg"),
          what + "copies beyond the one that each needs",
          redundancy);
    }
  }

  /** Commands that replay the seeds that missed a goal. */
  List<String> missed() {
    return missed;
  }
}
