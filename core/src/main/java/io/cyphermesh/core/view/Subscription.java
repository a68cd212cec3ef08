package io.cyphermesh.core.view;

import java.time.Duration;
import java.util.Optional;

/** A listener's place in the live feed. One thread reads it. */
public interface Subscription extends AutoCloseable {

  /**
   * Waits for the next change.
   *
   * @return empty if none came in time
   * @throws InterruptedException if the thread was interrupted
   */
  Optional<ViewChange> next(Duration patience) throws InterruptedException;

  @Override
  void close();
}
