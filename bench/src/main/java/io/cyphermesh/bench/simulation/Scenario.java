package io.cyphermesh.bench.simulation;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;

/**
 * Something that happens to a mesh, and what is measured of it.
 *
 * @param title for people
 * @param nodes honest ones, where nothing else is asked for
 * @param events that are published
 * @param variants designs that are compared
 * @param rows what is measured, with the goals for so many nodes
 * @param body carries a run out
 */
record Scenario(
    String name,
    String title,
    int nodes,
    int events,
    List<Variant> variants,
    IntFunction<List<Row>> rows,
    BiConsumer<Setup, Outcome> body) {
  static final List<Variant> ALL = List.of(Variant.DESIGN, Variant.USUAL, Variant.FLOOD);
  static final List<Variant> DESIGN = List.of(Variant.DESIGN);

  /** Every scenario there is. */
  static List<Scenario> catalogue() {
    return List.of(
            SpreadScenarios.all(),
            CrashScenarios.all(),
            FaultScenarios.all(),
            CatchUpScenarios.all(),
            AdversaryScenarios.all(),
            List.of(SybilScenario.scenario(), SpreadScenarios.big()))
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  Outcome run(Setup setup) {
    Outcome outcome = new Outcome();
    body.accept(setup, outcome);
    return outcome;
  }
}
