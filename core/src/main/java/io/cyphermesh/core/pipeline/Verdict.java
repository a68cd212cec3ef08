package io.cyphermesh.core.pipeline;

import io.cyphermesh.core.store.EventStore.StoredEvent;

/** What became of an event. Only a rejection costs somebody something. */
public sealed interface Verdict {

  /** Valid, new, stored; its reporter is credited. */
  record Accepted(StoredEvent event) implements Verdict {}

  /** Known already. */
  record Duplicate() implements Verdict {}

  /**
   * Left aside, without blame.
   *
   * @param forNow whether it may be taken another time: a rate was exceeded, or the disk full
   */
  record Ignored(String reason, boolean forNow) implements Verdict {
    /** Left aside for good. */
    public Ignored(String reason) {
      this(reason, false);
    }
  }

  /** Invalid; its deliverer is to blame. */
  record Rejected(String reason) implements Verdict {}
}
