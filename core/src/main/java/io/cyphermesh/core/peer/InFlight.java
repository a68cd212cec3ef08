package io.cyphermesh.core.peer;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many events of one link are under judgement. Only the link's reader enters.
 *
 * <p>Who finds one place free takes all that a frame needs, also more than there are: a frame of
 * 256 events goes in where 128 are allowed, and nobody waits for places that only the frame itself
 * could give back. So there are at most as many as allowed, less one, and one frame more.
 */
final class InFlight {
  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int events;
  private boolean open;

  InFlight(int most) {
    this.most = most;
  }

  /** Waits for a place, and takes {@code count}. */
  void enter(int count) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (events >= most && !open) {
        changed.await();
      }
      events += count;
    } finally {
      lock.unlock();
    }
  }

  /** Gives one place back. */
  void leave() {
    lock.lock();
    try {
      events--;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Lets in whoever comes from now on, so that a reader who waits sees the end. */
  void open() {
    lock.lock();
    try {
      open = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
