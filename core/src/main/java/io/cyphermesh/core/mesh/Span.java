package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.EventSet.Bound;
import io.cyphermesh.core.mesh.Ranges.Range;
import io.cyphermesh.core.protocol.Message;
import java.util.Optional;

/**
 * The time that a reconciliation is about.
 *
 * @param fromHour where it begins, in hours since 1970
 * @param seconds how long it is, at least 1
 */
record Span(long fromHour, long seconds) {
  private static final long HOUR_SECONDS = 3_600;
  private static final long HOUR_MILLIS = 3_600_000;

  /** Hours and seconds of a span that anybody may name: 10,000 years. */
  private static final long MAX_HOURS = 87_660_000;

  /** What a node compares when its clock says so; empty at the beginning of time. */
  static Optional<Span> at(long wallMillis, ReconciliationSettings settings) {
    long from = Math.max(0, wallMillis - settings.retention().toMillis());
    long fromHour = Math.ceilDiv(from, HOUR_MILLIS);
    long toSecond = Math.floorDiv(wallMillis - settings.behind().toMillis(), 1_000L);
    return of(fromHour, toSecond);
  }

  /** What a digest is about; empty if that is no time. */
  static Optional<Span> of(Message.Digest digest) {
    boolean bounded =
        digest.fromHour() >= 0
            && digest.fromHour() <= MAX_HOURS
            && digest.seconds() > 0
            && digest.seconds() <= MAX_HOURS * HOUR_SECONDS;
    return bounded ? Optional.of(new Span(digest.fromHour(), digest.seconds())) : Optional.empty();
  }

  private static Optional<Span> of(long fromHour, long toSecond) {
    long seconds = toSecond - fromHour * HOUR_SECONDS;
    return seconds > 0 ? Optional.of(new Span(fromHour, seconds)) : Optional.empty();
  }

  private long toSecond() {
    return fromHour * HOUR_SECONDS + seconds;
  }

  long toMillis() {
    return toSecond() * 1_000;
  }

  long millis() {
    return seconds * 1_000;
  }

  Optional<Span> intersect(Span other) {
    return of(Math.max(fromHour, other.fromHour), Math.min(toSecond(), other.toSecond()));
  }

  boolean contains(Span other) {
    return fromHour <= other.fromHour && other.toSecond() <= toSecond();
  }

  Range range() {
    return new Range(new Bound(fromHour * HOUR_MILLIS, 0), new Bound(toMillis(), 0));
  }

  /** The bound so far before the end. */
  Bound back(long millis) {
    return new Bound(toMillis() - millis, 0);
  }
}
