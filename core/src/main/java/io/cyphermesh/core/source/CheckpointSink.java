package io.cyphermesh.core.source;

/** What makes positions durable, and knows what has to become durable together with one. */
public interface CheckpointSink {

  /** Whether the lines handled so far left something that is to be committed with the position. */
  boolean waiting();

  /** Whether so much of it waits that it is to be committed before the next line. */
  default boolean full() {
    return false;
  }

  /**
   * Commits what waits and the checkpoint in one transaction; returns when both are durable.
   *
   * @param checkpoint positions behind the last line handled and the handler's snapshot, as {@link
   *     FileFollower} takes them again
   */
  void commit(byte[] checkpoint) throws InterruptedException;
}
