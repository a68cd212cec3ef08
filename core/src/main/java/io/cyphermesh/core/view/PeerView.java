package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.Optional;

/**
 * A peer, as far as it is known.
 *
 * @param nodeId its node id; empty for an address that never answered, and for all who speak plain
 *     version 1 from one IP address, who have one score together
 * @param address {@code HOST:PORT} where it listens, or where its link comes from; the IP address
 *     alone for a version 1 node that dialled us; empty for a reporter that was never met
 * @param state what we have to do with it now
 * @param direction {@code inbound} or {@code outbound}, while linked
 * @param agent what it calls its software, while linked; {@code v1} for version 1 nodes
 * @param reputation its score: +1 for each valid event it reported, −3 for each invalid one it
 *     delivered
 * @param banned whether it is ignored, by its score or by the operator
 * @param blockedUntil when a passing block ends, where there is one; what a ban is to an IP address
 * @param validEvents how many valid events it reported
 * @param invalidEvents how many invalid ones it delivered
 * @param since since when it has been in this state
 * @param lastSeen when it was last linked or last reported
 * @param lastError why the last dial failed or the last link ended
 * @param link its link, while linked
 * @param reserve whether it is one of the nodes without a link that may become neighbours
 * @param id what it is banned and looked up by: its node id, or the IP address that all who speak
 *     plain version 1 from there share; empty for an address that never answered
 * @param bannedByOperator whether the operator banned it, whatever its score is
 */
public record PeerView(
    Optional<String> nodeId,
    Optional<String> address,
    State state,
    Optional<String> direction,
    Optional<String> agent,
    long reputation,
    boolean banned,
    Optional<Instant> blockedUntil,
    long validEvents,
    long invalidEvents,
    Optional<Instant> since,
    Optional<Instant> lastSeen,
    Optional<String> lastError,
    Optional<LinkView> link,
    boolean reserve,
    Optional<String> id,
    boolean bannedByOperator) {

  /**
   * Who banned it: {@code operator} or {@code reputation}; empty for one that is not banned for
   * good.
   */
  public Optional<String> bannedBy() {
    return !banned ? Optional.empty() : Optional.of(bannedByOperator ? "operator" : "reputation");
  }

  /** What we have to do with a peer now. */
  public enum State {
    /** A link is up. */
    CONNECTED,
    /** A dial or a handshake is under way. */
    CONNECTING,
    /** Known, no link; dialled again later where an address is known. */
    DISCONNECTED
  }

  /** Its link's role, {@code passive} for one of the reserve, and empty for all others. */
  public Optional<String> role() {
    return link.map(LinkView::role).or(() -> reserve ? Optional.of("passive") : Optional.empty());
  }
}
