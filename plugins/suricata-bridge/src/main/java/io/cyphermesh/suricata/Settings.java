package io.cyphermesh.suricata;

import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The plugin's section of the configuration; {@code reference.conf} says what each key means.
 *
 * @param files absolute paths or globs of EVE files
 * @param from where to begin in a file never followed before
 * @param sockets Unix sockets on which to listen
 * @param home addresses and ranges of our own, and {@code private}
 * @param trustedProxies proxies whose X-Forwarded-For is believed
 * @param ignoreCategories categories of rules, as EVE names them, that are left out
 * @param ignoreSignatures signature ids that are left out
 * @param severities severity for priority 1, 2 and so on; the last one for all beyond
 * @param tlp with whom a detection may be shared
 * @param foldBy what is counted together
 * @param coolDown how long the same is only counted after it was reported
 * @param maxFolds how many folds are remembered at once
 */
public record Settings(
    List<String> files,
    FollowRequest.From from,
    List<SocketSettings> sockets,
    List<String> home,
    List<String> trustedProxies,
    List<String> ignoreCategories,
    List<Long> ignoreSignatures,
    List<Severity> severities,
    Tlp tlp,
    FoldBy foldBy,
    Duration coolDown,
    int maxFolds) {

  public Settings {
    if (severities.isEmpty() || severities.contains(Severity.UNKNOWN)) {
      throw new IllegalArgumentException(
          "severities is a list of low, medium, high or critical, for priority 1 first");
    }
    if (coolDown.isNegative() || coolDown.compareTo(Duration.ofDays(30)) > 0) {
      throw new IllegalArgumentException("cool-down is 0 s to 30 days, not " + coolDown);
    }
    if (maxFolds < 1 || maxFolds > 1_000_000) {
      throw new IllegalArgumentException("max-folds is 1 to 1000000, not " + maxFolds);
    }
  }

  /** What is counted together. */
  public enum FoldBy {
    /** All alerts of one signature by one attacker. */
    ATTACKER,
    /** All alerts of one signature in one flow. */
    FLOW
  }

  /**
   * A Unix socket.
   *
   * @param path absolute path
   * @param type stream for Suricata's {@code unix_stream}, datagram for its {@code unix_dgram}
   * @param mode permissions in octal; 0660 where absent
   * @param maxClients connections at once on a stream socket; 8 where absent
   */
  public record SocketSettings(
      String path, Type type, Optional<String> mode, Optional<Integer> maxClients) {

    /** Kind of socket. */
    public enum Type {
      STREAM,
      DATAGRAM
    }
  }
}
