package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What waits for the writer. Unlike the JDK's queues it can be closed, which frees who waits. */
final class WriteQueue {
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final ArrayDeque<Write> waiting = new ArrayDeque<>();
  private boolean closed;
  private @Nullable StoreException failure;
  private long groups;
  private long committedWrites;
  private long committingNanos;

  WriteQueue(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Adds a write.
   *
   * @param patient whether to wait while the queue is full. The writer's own callbacks do not: they
   *     would wait for themselves
   * @throws IllegalStateException if the queue is closed, or is closed while the caller waits
   * @throws StoreException if it is closed since the writer has failed
   */
  void put(Write write, boolean patient) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (patient && !closed && waiting.size() >= capacity) {
        room.await();
      }
      if (failure != null) {
        throw new StoreException(String.valueOf(failure.getMessage()), failure);
      }
      if (closed) {
        throw new IllegalStateException("the store is closed");
      }
      waiting.add(write);
      if (waiting.size() == 1) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What is waiting, at most {@code max}; empty if nothing came in time or the end is reached. */
  List<Write> take(int max, Duration patience) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (waiting.isEmpty() && !closed && left > 0) {
        left = work.awaitNanos(left);
      }
      boolean wasFull = waiting.size() >= capacity;
      List<Write> taken = new ArrayList<>(Math.min(max, waiting.size()));
      while (taken.size() < max && !waiting.isEmpty()) {
        taken.add(waiting.remove());
      }
      if (wasFull) {
        room.signalAll();
      }
      return taken;
    } catch (InterruptedException e) {
      // Only close() ends the writer; an interrupt is but an early return.
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Closes it for good since nobody takes from it any more. */
  void fail(StoreException cause) {
    lock.lock();
    try {
      failure = cause;
      close();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is closed and all that was in it was taken. */
  boolean finished() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Notes that a group is committed. */
  void committed(int writes, long nanos) {
    lock.lock();
    try {
      groups++;
      committedWrites += writes;
      committingNanos += nanos;
    } finally {
      lock.unlock();
    }
  }

  /** How much is written, and waits for that. */
  WriterLoad load() {
    lock.lock();
    try {
      return new WriterLoad(waiting.size(), groups, committedWrites, committingNanos);
    } finally {
      lock.unlock();
    }
  }
}
