package io.cyphermesh.core.mesh;

/** How an address came to be known, the most trusted way first. */
public enum AddressOrigin {
  /** Named by the operator; dialled always. */
  OPERATOR,
  /** Named by a packet on the LAN. */
  LAN,
  /** Told by a name server, for a seed that the operator named. */
  DNS,
  /** Told by a peer. */
  LEARNED;

  /** Whether nobody vouches for it: whoever signs that he is there is believed. */
  boolean hearsay() {
    return this == DNS || this == LEARNED;
  }

  /** The more trusted one of two. */
  AddressOrigin or(AddressOrigin other) {
    return compareTo(other) <= 0 ? this : other;
  }
}
