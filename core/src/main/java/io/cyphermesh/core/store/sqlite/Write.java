package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.StoreException;
import java.sql.SQLException;

/** One change, as the writer carries it out. */
interface Write {

  /** Whether the transaction that it is in must reach the disk before anyone is told. */
  default boolean durable() {
    return false;
  }

  /**
   * Makes the change within the open transaction. Called again if the group failed for another's
   * sake.
   *
   * @return whom to tell after the commit
   */
  Runnable apply(WriteSession session) throws SQLException;

  /** Told instead if it could not be written. */
  void failed(StoreException cause);
}
