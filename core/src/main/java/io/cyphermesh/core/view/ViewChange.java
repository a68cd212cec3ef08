package io.cyphermesh.core.view;

/** Something that a page should show. */
public sealed interface ViewChange {

  /** An event was stored. */
  record EventStored(EventView event) implements ViewChange {}

  /** Peers changed: a link came up or went down, a score moved, a ban fell. Read them again. */
  record PeersChanged() implements ViewChange {}

  /** Plugins changed. Read them again. */
  record PluginsChanged() implements ViewChange {}

  /** The listener was too slow and missed changes. Read everything again. */
  record Missed() implements ViewChange {}
}
