package io.cyphermesh.core.protocol;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.Canonical;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.identity.Rsa;
import java.nio.charset.StandardCharsets;

/**
 * Where a node listens, in its own words and under its own signature, so that it can be passed on.
 *
 * @param address a literal IP address and a port
 * @param key whose it is
 * @param seq the greater one replaces the smaller one
 * @param signature 256 bytes, over {@link #signedPayload}
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
public record PeerRecord(HostPort address, ReporterKey key, long seq, byte[] signature) {

  /** Signs a record of our own. */
  public static PeerRecord sign(HostPort address, long seq, NodeIdentity identity) {
    return new PeerRecord(
        address, identity.key(), seq, identity.sign(signedPayload(address, identity.key(), seq)));
  }

  public NodeId nodeId() {
    return key.nodeId();
  }

  /** Whether the signature is right. */
  public boolean verifies(Rsa rsa) {
    return rsa.verifies(key, signedPayload(address, key, seq), signature);
  }

  private static byte[] signedPayload(HostPort address, ReporterKey key, long seq) {
    StringBuilder out = new StringBuilder(700).append("cyphermesh-peer-v1\n{\"addr\": ");
    Canonical.string(out, address.host());
    out.append(", \"id\": \"").append(key.nodeId().hex()).append("\", \"key\": ");
    out.append(key.pemJson())
        .append(", \"port\": ")
        .append(address.port())
        .append(", \"seq\": ")
        .append(seq)
        .append('}');
    return out.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
