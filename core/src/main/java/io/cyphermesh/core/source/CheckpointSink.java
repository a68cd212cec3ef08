package io.cyphermesh.core.source;

/** What makes positions durable, and knows what has to become durable together with one. */
public interface CheckpointSink {

  /** Whether the line just handled left something that is to be committed with its position. */
  boolean waiting();

  /**
   * Commits what waits and the checkpoint in one transaction; returns when both are durable.
   *
   * @param checkpoint positions behind the last line handled and the handler's snapshot, as {@link
   *     FileFollower} takes them again
   */
  void commit(byte[] checkpoint) throws InterruptedException;
}
