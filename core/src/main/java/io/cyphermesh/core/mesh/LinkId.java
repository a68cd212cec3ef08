package io.cyphermesh.core.mesh;

/** Names a link within a node's run; ascending in the order in which links came up. */
public record LinkId(long number) implements Comparable<LinkId> {
  @Override
  public int compareTo(LinkId other) {
    return Long.compare(number, other.number);
  }
}
