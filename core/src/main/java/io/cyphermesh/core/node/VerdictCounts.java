package io.cyphermesh.core.node;

import io.cyphermesh.core.pipeline.Pipeline;
import io.cyphermesh.core.pipeline.Verdict;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** How many copies of events came from peers, and what became of them. */
final class VerdictCounts {
  private final Counter received;
  private final Counter verified;
  private final Counter accepted;
  private final Counter duplicates;
  private final Counter ignored;
  private final Counter rejected;

  VerdictCounts(MeterRegistry meters) {
    received =
        Counter.builder("cyphermesh.events.received")
            .description("Copies of events that arrived from peers")
            .register(meters);
    verified =
        Counter.builder("cyphermesh.events.verified")
            .description("Events from peers that were found valid and went to the store")
            .register(meters);
    accepted = verdict(meters, "accepted");
    duplicates = verdict(meters, "duplicate");
    ignored = verdict(meters, "ignored");
    rejected = verdict(meters, "rejected");
  }

  private static Counter verdict(MeterRegistry meters, String verdict) {
    return Counter.builder("cyphermesh.events.judged")
        .description("Events from peers by verdict")
        .tag("verdict", verdict)
        .register(meters);
  }

  void countReceived() {
    received.increment();
  }

  /** Counts what was found valid, and gives back what it was given. */
  Pipeline.Examination counted(Pipeline.Examination examination) {
    if (examination instanceof Pipeline.Examination.Valid) {
      verified.increment();
    }
    return examination;
  }

  void count(Verdict verdict) {
    switch (verdict) {
      case Verdict.Accepted _ -> accepted.increment();
      case Verdict.Duplicate _ -> duplicates.increment();
      case Verdict.Ignored _ -> ignored.increment();
      case Verdict.Rejected _ -> rejected.increment();
    }
  }

  long received() {
    return (long) received.count();
  }

  long accepted() {
    return (long) accepted.count();
  }

  long duplicates() {
    return (long) duplicates.count();
  }

  long ignored() {
    return (long) ignored.count();
  }

  long rejected() {
    return (long) rejected.count();
  }
}
