package io.cyphermesh.core.node;

import io.cyphermesh.core.mesh.Output;
import io.cyphermesh.core.mesh.Reconciled;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * What the operator learns of reconciliations. One that found everything equal, as most do, is
 * counted and no line.
 */
final class Reconciliations implements Consumer<Output.CaughtUp> {
  private final Logger logger;
  private final Map<Reconciled.Result, Counter> ended = new EnumMap<>(Reconciled.Result.class);
  private final Counter in;
  private final Counter out;
  private final Counter bytes;

  Reconciliations(MeterRegistry meters, Logger logger) {
    this.logger = logger;
    for (Reconciled.Result result : Reconciled.Result.values()) {
      ended.put(
          result,
          Counter.builder("cyphermesh.reconciliations")
              .description("Comparisons of the stored events with a peer's that ended, by result")
              .tag("result", result.name().toLowerCase(Locale.ROOT).replace('_', '-'))
              .register(meters));
    }
    in = events(meters, "in");
    out = events(meters, "out");
    bytes =
        Counter.builder("cyphermesh.reconciliations.compared")
            .description("Bytes of the comparisons themselves, both ways, without the events")
            .baseUnit("bytes")
            .register(meters);
  }

  private static Counter events(MeterRegistry meters, String direction) {
    return Counter.builder("cyphermesh.reconciled.events")
        .description("Events that one side lacked and got by a comparison")
        .tag("direction", direction)
        .register(meters);
  }

  @Override
  public void accept(Output.CaughtUp done) {
    Reconciled report = done.report();
    Counter counter = ended.get(report.result());
    if (counter != null) {
      counter.increment();
    }
    in.increment(report.received());
    out.increment(report.served());
    bytes.increment((double) report.bytes());
    logger
        .atLevel(level(report))
        .log(
            "{} with {}: {} events received, {} of them not taken, {} sent, {} bytes compared in"
                + " {} messages{}",
            words(report),
            done.peer().abbreviated(),
            report.received() + report.refused(),
            report.refused(),
            report.served(),
            report.bytes(),
            report.rounds(),
            report.why().isEmpty() ? "" : ": " + report.why());
  }

  private static Level level(Reconciled report) {
    return report.received() + report.refused() + report.served() > 0 || report.blame()
        ? Level.INFO
        : Level.DEBUG;
  }

  private static String words(Reconciled report) {
    return switch (report.result()) {
      case EQUAL -> "nothing to catch up";
      case COMPLETED -> report.more() ? "caught up in part" : "caught up";
      case DECLINED -> "not caught up";
      case INTERRUPTED, BEGUN_ANEW, UNFINISHED, BROKEN_PROMISE, LIED -> "catching up ended early";
    };
  }
}
