package io.cyphermesh.core.mesh;

/** What a link is for. */
public enum LinkRole {
  /** Between neighbours: events are spread over it. */
  ACTIVE,
  /** Serves reconciliation alone. */
  SYNC,
  /** A plain one of version 1: events are flooded over it. */
  PLAIN
}
