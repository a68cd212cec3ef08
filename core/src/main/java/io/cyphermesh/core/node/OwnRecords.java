package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.PeerRecord;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Signed records of where this node listens. It learns its addresses from its links: the local end
 * of one is where its port can be reached, as far as nothing translates addresses in between.
 */
final class OwnRecords {
  private static final int MAX_ADDRESSES = 16;

  private final NodeIdentity identity;
  private final InstantSource clock;
  private final Map<String, PeerRecord> records = new HashMap<>();
  private int port;

  OwnRecords(NodeIdentity identity, InstantSource clock) {
    this.identity = identity;
    this.clock = clock;
  }

  synchronized void listensOn(int newPort) {
    port = newPort;
  }

  /**
   * A record for an address of ours that was not known before; empty for one that others must not
   * be told.
   */
  synchronized Optional<PeerRecord> at(String host) {
    boolean tellable =
        IpText.parse(host).map(a -> IpText.scope(a) != IpText.Scope.NEVER).orElse(false);
    if (port == 0 || !tellable || records.containsKey(host) || records.size() >= MAX_ADDRESSES) {
      return Optional.empty();
    }
    PeerRecord record =
        PeerRecord.sign(new HostPort(host, port), clock.instant().getEpochSecond(), identity);
    records.put(host, record);
    return Optional.of(record);
  }
}
