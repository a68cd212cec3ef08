package io.cyphermesh.api;

/** Whom a dial may find, and whether it may speak plain version 1 to him. */
@Experimental
public sealed interface DialPolicy {

  /** This node and no other one, over TLS. */
  record OnlyNode(NodeId id) implements DialPolicy {}

  /** Any node, over TLS. */
  record AnyNode() implements DialPolicy {}

  /**
   * Any node over TLS; where the other end has none, whoever is there, over plain frames (IPv4
   * only). An attacker on the way can make it look as if there were none: not for places where TLS
   * has succeeded before.
   */
  record AnyNodeElsePlain() implements DialPolicy {}
}
