package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.Optional;

/**
 * How a node is.
 *
 * @param nodeId its node id
 * @param version its software's version
 * @param startedAt when it started
 * @param now its clock
 * @param listening {@code HOST:PORT} it listens on; empty while it cannot
 * @param peersConnected how many links are up
 * @param peersKnown how many peers it knows
 * @param peersBanned how many of them are banned
 * @param events what it holds and has judged
 * @param cryptoProvider what checks signatures: {@code AmazonCorrettoCryptoProvider} or the JDK's
 * @param databaseBytes size of the database's files
 * @param warning what the operator should look at first, where there is anything
 */
public record NodeStatus(
    String nodeId,
    String version,
    Instant startedAt,
    Instant now,
    Optional<String> listening,
    int peersConnected,
    long peersKnown,
    long peersBanned,
    EventCounts events,
    String cryptoProvider,
    long databaseBytes,
    Optional<String> warning) {

  /**
   * Counts of events.
   *
   * @param stored how many are in the store
   * @param local how many of these this node reported
   * @param received how many copies arrived from peers since the start
   * @param accepted how many of those were new, valid and stored
   * @param duplicates how many were known already
   * @param ignored how many were left aside, without blame
   * @param rejected how many were invalid, with blame for their deliverer
   */
  public record EventCounts(
      long stored,
      long local,
      long received,
      long accepted,
      long duplicates,
      long ignored,
      long rejected) {}
}
