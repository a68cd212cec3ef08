package io.cyphermesh.api;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a detector saw, unsigned. The node gives it id, time and signature.
 *
 * @param indicator what was observed
 * @param threatType what it did, lower case with hyphens, for instance {@code ssh-bruteforce}
 * @param severity how bad it is; never {@link Severity#UNKNOWN}
 * @param tlp with whom it may be shared
 * @param rule the detector's rule that fired, for instance {@code openssh-failed-password}
 * @param confidence 0 to 100
 * @param count how many observations it stands for, at least 1
 * @param firstSeen time of the first observation, as the source tells it
 * @param lastSeen time of the last observation, as the source tells it
 * @param technique MITRE ATT&amp;CK technique, for instance {@code T1110.001}
 * @param target what was attacked
 * @param description for people; at most 512 characters, longer ones are cut
 * @param tags free terms
 */
public record Detection(
    Indicator indicator,
    String threatType,
    Severity severity,
    Tlp tlp,
    Optional<String> rule,
    OptionalInt confidence,
    OptionalLong count,
    Optional<Instant> firstSeen,
    Optional<Instant> lastSeen,
    Optional<String> technique,
    Optional<Target> target,
    Optional<String> description,
    List<String> tags) {

  public Detection {
    if (threatType.isBlank()) {
      throw new IllegalArgumentException(
          "threatType is empty: say what was done, for instance ssh-bruteforce");
    }
    if (severity == Severity.UNKNOWN) {
      throw new IllegalArgumentException(
          "severity is UNKNOWN: a detection is LOW, MEDIUM, HIGH or CRITICAL");
    }
    if (confidence.isPresent() && (confidence.getAsInt() < 0 || confidence.getAsInt() > 100)) {
      throw new IllegalArgumentException("confidence is 0 to 100, not " + confidence.getAsInt());
    }
    if (count.isPresent() && count.getAsLong() < 1) {
      throw new IllegalArgumentException("count is at least 1, not " + count.getAsLong());
    }
    tags = List.copyOf(tags);
  }

  /**
   * What was attacked.
   *
   * @param port 1 to 65535
   * @param protocol transport protocol, {@code tcp} or {@code udp}
   * @param service service name, for instance {@code ssh}
   */
  public record Target(OptionalInt port, Optional<String> protocol, Optional<String> service) {
    public Target {
      if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > 65535)) {
        throw new IllegalArgumentException("port is 1 to 65535, not " + port.getAsInt());
      }
    }

    /** All three parts. */
    public static Target of(int port, String protocol, String service) {
      return new Target(OptionalInt.of(port), Optional.of(protocol), Optional.of(service));
    }
  }

  /** Starts a detection with what every one must have. */
  public static Builder of(Indicator indicator, String threatType, Severity severity) {
    return new Builder(indicator, threatType, severity);
  }

  /** Gathers the optional parts. Not thread-safe. */
  public static final class Builder {
    private final Indicator indicator;
    private final String threatType;
    private final Severity severity;
    private Tlp tlp = Tlp.CLEAR;
    private Optional<String> rule = Optional.empty();
    private OptionalInt confidence = OptionalInt.empty();
    private OptionalLong count = OptionalLong.empty();
    private Optional<Instant> firstSeen = Optional.empty();
    private Optional<Instant> lastSeen = Optional.empty();
    private Optional<String> technique = Optional.empty();
    private Optional<Target> target = Optional.empty();
    private Optional<String> description = Optional.empty();
    private List<String> tags = List.of();

    private Builder(Indicator indicator, String threatType, Severity severity) {
      this.indicator = indicator;
      this.threatType = threatType;
      this.severity = severity;
    }

    @CanIgnoreReturnValue
    public Builder tlp(Tlp value) {
      tlp = value;
      return this;
    }

    @CanIgnoreReturnValue
    public Builder rule(String value) {
      rule = Optional.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder confidence(int value) {
      confidence = OptionalInt.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder count(long value) {
      count = OptionalLong.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder firstSeen(Instant value) {
      firstSeen = Optional.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder lastSeen(Instant value) {
      lastSeen = Optional.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder technique(String value) {
      technique = Optional.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder target(Target value) {
      target = Optional.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder description(String value) {
      description = Optional.of(value);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder tags(List<String> value) {
      tags = value;
      return this;
    }

    /**
     * The detection.
     *
     * @throws IllegalArgumentException if a part is out of its range; the message says which
     */
    public Detection build() {
      return new Detection(
          indicator,
          threatType,
          severity,
          tlp,
          rule,
          confidence,
          count,
          firstSeen,
          lastSeen,
          technique,
          target,
          description,
          tags);
    }
  }
}
