package io.cyphermesh.cli.verify;

/** What was found out about one event. */
public sealed interface Finding {

  /** Its id is the hash of its content, and its reporter signed it. */
  record Valid(String id) implements Finding {}

  /**
   * Its reporter signed it, but its id cannot be checked: it lost its details on the way through a
   * version 1 node.
   */
  record Bare(String id) implements Finding {}

  /**
   * It is no event, or not what its reporter signed.
   *
   * @param id as it claims, or {@code -}
   * @param reason in a few words
   */
  record Invalid(String id, String reason) implements Finding {}
}
