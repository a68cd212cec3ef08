package io.cyphermesh.core.store;

import java.util.Optional;
import java.util.OptionalLong;

/** What is said of a database that is copied or checked. */
public interface DatabaseCare {

  /** Told of the progress, in bytes. */
  @FunctionalInterface
  interface Progress {
    void copied(long bytes, long total);
  }

  /**
   * What a database is.
   *
   * @param schema version of its schema
   * @param events how many events it holds
   * @param bytes size of its pages
   */
  record Facts(int schema, long events, long bytes) {}

  /** Sees the check at work. */
  interface Watcher {
    /** The pages are being read, which may take minutes. */
    void reading();

    /** So many events of so many were checked. */
    void checked(long events, long total);

    /** Something is wrong. */
    void problem(Problem problem);
  }

  /**
   * Something that is wrong.
   *
   * @param what in one line
   * @param key of the event that it is about
   * @param seq of that event
   * @param fatal whether no node should go on from such a database: it can lose events or take one
   *     peer for another
   */
  record Problem(String what, Optional<String> key, OptionalLong seq, boolean fatal) {
    /** One that a node can live with. */
    public Problem(String what, Optional<String> key, OptionalLong seq) {
      this(what, key, seq, false);
    }

    /** Of the database as a whole. */
    public static Problem of(String what) {
      return new Problem(what, Optional.empty(), OptionalLong.empty());
    }

    /** Of the database as a whole, and fatal. */
    public static Problem fatal(String what) {
      return new Problem(what, Optional.empty(), OptionalLong.empty(), true);
    }
  }

  /**
   * What was looked at.
   *
   * @param schema version of the schema
   * @param checked how many events
   * @param bare how many of them are bare
   */
  record Summary(int schema, long checked, long bare) {}
}
