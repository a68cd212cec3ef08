package io.cyphermesh.api;

/**
 * Who a node is: the SHA-256 of its RSA public key's DER SubjectPublicKeyInfo.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record NodeId(String hex) implements Comparable<NodeId> {
  public NodeId {
    Hex.require64(hex, "a node id");
  }

  /** The first 12 digits, enough for a person to tell nodes apart. */
  public String abbreviated() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(NodeId other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
