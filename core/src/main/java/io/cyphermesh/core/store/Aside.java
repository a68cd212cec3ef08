package io.cyphermesh.core.store;

/** What is left aside where an event is not taken and nobody is to blame. */
public enum Aside {
  /** The event, for what it says itself, whoever delivers it. */
  EVENT,
  /** The event for now: a rate was exceeded, or the disk is full. */
  MOMENT,
  /** This delivery: the same event may come otherwise, and be taken. */
  DELIVERY
}
