package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;

/**
 * What a node's QR code says: {@code cyphermesh://NODE_ID@HOST:PORT}.
 *
 * @param nodeId who is there, as whoever made it says
 * @param address where
 */
public record NodeUri(NodeId nodeId, HostPort address) {
  private static final String SCHEME = "cyphermesh://";

  /**
   * The address in such a text, or that is the text.
   *
   * @throws IllegalArgumentException if it is neither; one line that says what would be right
   */
  public static HostPort address(String text) {
    if (!text.startsWith(SCHEME)) {
      return HostPort.parse(text);
    }
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("'" + text + "' is not " + SCHEME + "NODE_ID@HOST:PORT");
    }
    return new NodeUri(
            new NodeId(text.substring(SCHEME.length(), at)), HostPort.parse(text.substring(at + 1)))
        .address();
  }

  @Override
  public String toString() {
    return SCHEME + nodeId.hex() + "@" + address;
  }
}
