package io.cyphermesh.core.node;

import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.pipeline.Pipeline;
import io.cyphermesh.core.pipeline.Verdict;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/** How many copies of events came, from where, and what became of them. */
final class VerdictCounts {
  private final Counter received;
  private final Counter verified;
  private final Timer verification;
  private final Source peers;
  private final Counter local;
  private final Source imports;

  VerdictCounts(MeterRegistry meters) {
    received =
        Counter.builder("cyphermesh.events.received")
            .description("Copies of events that arrived from peers")
            .register(meters);
    verified =
        Counter.builder("cyphermesh.events.verified")
            .description("Events from peers that were found valid and went to the store")
            .register(meters);
    verification =
        Timer.builder("cyphermesh.verification")
            .description("How long one event from a peer was examined, its signature included")
            .serviceLevelObjectives(
                Duration.ofNanos(50_000),
                Duration.ofNanos(100_000),
                Duration.ofNanos(250_000),
                Duration.ofNanos(500_000),
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofSeconds(1))
            .register(meters);
    peers = Source.of(meters, "peer");
    local = verdict(meters, "local", "accepted");
    imports = Source.of(meters, "import");
  }

  /** The four verdicts of one source. */
  private record Source(Counter accepted, Counter duplicates, Counter ignored, Counter rejected) {
    static Source of(MeterRegistry meters, String source) {
      return new Source(
          verdict(meters, source, "accepted"),
          verdict(meters, source, "duplicate"),
          verdict(meters, source, "ignored"),
          verdict(meters, source, "rejected"));
    }
  }

  private static Counter verdict(MeterRegistry meters, String source, String verdict) {
    return Counter.builder("cyphermesh.events.judged")
        .description("Events by verdict, and by source: a peer, this node itself, a file")
        .tag("source", source)
        .tag("verdict", verdict)
        .register(meters);
  }

  void countReceived() {
    received.increment();
  }

  /** Examines, and counts how long it took and what was found valid. */
  Pipeline.Examination examined(Supplier<Pipeline.Examination> examine) {
    long begun = System.nanoTime();
    Pipeline.Examination examination = examine.get();
    verification.record(Duration.ofNanos(System.nanoTime() - begun));
    if (examination instanceof Pipeline.Examination.Valid) {
      verified.increment();
    }
    return examination;
  }

  /** Of an event from a peer. */
  void count(Verdict verdict) {
    switch (verdict) {
      case Verdict.Accepted _ -> peers.accepted().increment();
      case Verdict.Duplicate _ -> peers.duplicates().increment();
      case Verdict.Ignored _ -> peers.ignored().increment();
      case Verdict.Rejected _ -> peers.rejected().increment();
    }
  }

  /** This node reported an event. */
  void countLocal() {
    local.increment();
  }

  /** Events came by a file; who refuses one of them does not say whether it would blame anybody. */
  ImportedEvents counted(ImportedEvents imported) {
    imports.accepted().increment(imported.stored());
    imports.duplicates().increment(imported.duplicates());
    imports.rejected().increment(imported.refused().size());
    return imported;
  }

  long received() {
    return (long) received.count();
  }

  long accepted() {
    return (long) peers.accepted().count();
  }

  long duplicates() {
    return (long) peers.duplicates().count();
  }

  long ignored() {
    return (long) peers.ignored().count();
  }

  long rejected() {
    return (long) peers.rejected().count();
  }
}
