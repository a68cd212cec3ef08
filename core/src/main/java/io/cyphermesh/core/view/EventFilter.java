package io.cyphermesh.core.view;

import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which events are meant: those that fulfil every condition given.
 *
 * @param address the observable is this address or of this range
 * @param type its threat type, exactly; of very long ones the first 200 characters count
 * @param severities one of these; all five where none is asked for
 * @param reporter who reported it
 * @param detector the detector that found it, as its details name it: their {@code
 *     detector.plugin}, or {@code detector} where that is a text
 * @param since its own time is not before
 * @param until its own time is before
 * @param tlp its marking; one without is clear
 * @param text its observable, type or description contains it; ASCII letters of either case
 * @param local whether this node reported it
 */
public record EventFilter(
    Optional<IpRange> address,
    Optional<String> type,
    Set<Severity> severities,
    Optional<NodeId> reporter,
    Optional<String> detector,
    Optional<Instant> since,
    Optional<Instant> until,
    Optional<Tlp> tlp,
    Optional<String> text,
    Optional<Boolean> local) {

  /** Every event. */
  public static final EventFilter ALL =
      new EventFilter(
          Optional.empty(),
          Optional.empty(),
          EnumSet.allOf(Severity.class),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public EventFilter {
    severities = Set.copyOf(severities);
  }

  /** This, and of an address or range. */
  public EventFilter withAddress(IpRange range) {
    return new EventFilter(
        Optional.of(range), type, severities, reporter, detector, since, until, tlp, text, local);
  }

  /** This, and of a type. */
  public EventFilter withType(String one) {
    return new EventFilter(
        address, Optional.of(one), severities, reporter, detector, since, until, tlp, text, local);
  }

  /** This, and of one of some severities. */
  public EventFilter withSeverities(Set<Severity> some) {
    return new EventFilter(address, type, some, reporter, detector, since, until, tlp, text, local);
  }

  /** This, and of a reporter. */
  public EventFilter withReporter(NodeId one) {
    return new EventFilter(
        address, type, severities, Optional.of(one), detector, since, until, tlp, text, local);
  }

  /** This, and of a detector. */
  public EventFilter withDetector(String one) {
    return new EventFilter(
        address, type, severities, reporter, Optional.of(one), since, until, tlp, text, local);
  }

  /** This, and of a time. */
  public EventFilter between(Optional<Instant> from, Optional<Instant> to) {
    return new EventFilter(
        address, type, severities, reporter, detector, from, to, tlp, text, local);
  }

  /** This, and of a marking. */
  public EventFilter withTlp(Tlp one) {
    return new EventFilter(
        address, type, severities, reporter, detector, since, until, Optional.of(one), text, local);
  }

  /** This, and with a text. */
  public EventFilter withText(String one) {
    return new EventFilter(
        address, type, severities, reporter, detector, since, until, tlp, Optional.of(one), local);
  }

  /** This, and our own or not. */
  public EventFilter withLocal(boolean own) {
    return new EventFilter(
        address, type, severities, reporter, detector, since, until, tlp, text, Optional.of(own));
  }
}
