package io.cyphermesh.logwatch;

import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plugin's section of the configuration; {@code reference.conf} says what each key means.
 *
 * @param files absolute paths of the logs
 * @param from where to begin in a file never followed before
 * @param zone time zone of stamps that name none: an IANA name, an offset, or {@code system}
 * @param ignore addresses and CIDR ranges that are never reported
 * @param maxSources how many source addresses are remembered at once
 * @param rules rules by id
 */
public record Settings(
    List<String> files,
    FollowRequest.From from,
    String zone,
    List<String> ignore,
    int maxSources,
    Map<String, RuleSettings> rules) {

  /**
   * One rule.
   *
   * @param enabled whether it is used at all
   * @param programs the syslog tags it reads, for instance {@code sshd}
   * @param literals texts of which at least one must occur in a message before a pattern is tried
   * @param patterns RE2 expressions for a whole message, with a group named src and others
   * @param counts what one drop in the bucket stands for; attempts where absent
   * @param after the rule counts only sources for which this threat type was reported within its
   *     cool-down
   * @param threatType what a detection reports
   * @param severity of a detection
   * @param highFrom from this count on the severity is at least high; 0 for never
   * @param confidence 0 to 100
   * @param technique MITRE ATT&amp;CK technique
   * @param target what is attacked
   * @param tlp with whom a detection may be shared; clear where absent
   * @param description for people
   * @param bucket when it tips
   */
  public record RuleSettings(
      boolean enabled,
      List<String> programs,
      List<String> literals,
      List<String> patterns,
      Optional<Counts> counts,
      Optional<String> after,
      String threatType,
      Severity severity,
      int highFrom,
      int confidence,
      Optional<String> technique,
      Optional<TargetSettings> target,
      Optional<Tlp> tlp,
      String description,
      BucketSettings bucket) {}

  /** What one drop in a bucket stands for. */
  public enum Counts {
    /** Every matching line; a line that stands for several attempts counts as many. */
    ATTEMPTS,
    /** Every user name once. */
    USERS,
    /** Every connection, told apart by the client's port, once. */
    CONNECTIONS
  }

  /**
   * What is attacked.
   *
   * @param service service name
   * @param protocol {@code tcp} or {@code udp}
   * @param port 1 to 65535
   */
  public record TargetSettings(String service, String protocol, int port) {}

  /**
   * A leaky bucket.
   *
   * @param capacity the drop that fills it to this level tips it
   * @param leak how long one drop takes to leak away
   * @param coolDown how long a source that was reported is not reported again
   */
  public record BucketSettings(int capacity, Duration leak, Duration coolDown) {}
}
