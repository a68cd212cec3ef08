package io.cyphermesh.core.pipeline;

import io.cyphermesh.core.store.Aside;
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
   * @param what what it is that was left aside
   */
  record Ignored(String reason, Aside what) implements Verdict {
    /** The event is left aside, whoever delivers it. */
    public Ignored(String reason) {
      this(reason, Aside.EVENT);
    }
  }

  /** Invalid; its deliverer is to blame. */
  record Rejected(String reason) implements Verdict {}
}
