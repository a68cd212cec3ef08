package io.cyphermesh.core.plugin;

import java.time.Duration;

/** Wakes whoever waits for new events; who was not waiting when it rang finds that it did. */
final class Doorbell {
  private long rings;

  synchronized void ring() {
    rings++;
    notifyAll();
  }

  synchronized long rings() {
    return rings;
  }

  /** Waits until it has rung more than {@code heard} times, but not for ever. */
  synchronized void await(long heard, Duration atMost) throws InterruptedException {
    if (rings == heard) {
      wait(atMost.toMillis());
    }
  }
}
