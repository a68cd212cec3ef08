package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.core.store.StoreException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One detector's way to the sink, over all its restarts: what it reported goes with the newest
 * checkpoint, and never an older one after a newer one. While the store cannot take it, the
 * detector waits.
 *
 * <p>The follower's checkpoint has a name of its own in the store, so that a detector that also
 * saves something itself never overwrites the positions.
 */
final class CheckpointSlot implements Checkpoint {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSlot.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final DetectionSink sink;
  private final String owner;
  private final String follower;
  private final String pluginId;
  private final ExtensionStatus status;
  private final ReportGate gate;
  private final SupervisedExtension.Pause pause;

  /** Held while the sink works, so that checkpoints arrive in their order. */
  private final ReentrantLock submitting = new ReentrantLock();

  /** What was last handed over, by name, over all runs of the plugin: newer than what is read. */
  private final Map<String, byte[]> handedOver;

  private byte @Nullable [] pending;
  private boolean closed;
  private boolean stopping;

  CheckpointSlot(
      DetectionSink sink,
      String owner,
      String pluginId,
      ExtensionStatus status,
      ReportGate gate,
      Map<String, byte[]> handedOver,
      SupervisedExtension.Pause pause) {
    this.sink = sink;
    this.owner = owner;
    this.follower = owner + "#follow";
    this.pluginId = pluginId;
    this.status = status;
    this.gate = gate;
    this.handedOver = handedOver;
    this.pause = pause;
  }

  @Override
  public Optional<byte[]> saved() {
    synchronized (this) {
      if (pending != null) {
        return Optional.of(pending.clone());
      }
    }
    return last(owner);
  }

  /** What the follower committed last. */
  Optional<byte[]> followed() {
    return last(follower);
  }

  private Optional<byte[]> last(String name) {
    return Optional.ofNullable(handedOver.get(name))
        .map(byte[]::clone)
        .or(() -> sink.checkpoint(name));
  }

  @Override
  public synchronized void save(byte[] snapshot) {
    if (snapshot.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a checkpoint has at most " + MAX_BYTES + " bytes, not " + snapshot.length);
    }
    if (!closed) {
      pending = snapshot.clone();
    }
  }

  /** Commits detections with what was saved last. */
  List<Optional<String>> report(List<Detection> detections) throws InterruptedException {
    gate.pass(detections.size());
    submitting.lockInterruptibly();
    try {
      byte[] taken = pending();
      List<Optional<String>> answers =
          submitPatiently(owner, detections, Optional.ofNullable(taken));
      done(taken);
      return answers;
    } finally {
      submitting.unlock();
    }
  }

  /** Commits detections with the follower's position. */
  List<Optional<String>> report(List<Detection> detections, byte[] followed)
      throws InterruptedException {
    gate.pass(detections.size());
    submitting.lockInterruptibly();
    try {
      return submitPatiently(follower, detections, Optional.of(followed));
    } finally {
      submitting.unlock();
    }
  }

  /**
   * Commits what was saved, if it is not yet. Does not wait: neither for a report under way, which
   * may wait for the store, nor for the store itself.
   *
   * @throws StoreException if the store cannot take it now
   */
  void flush() throws InterruptedException {
    if (pending() != null && submitting.tryLock()) {
      flushLocked();
    }
  }

  /** Commits what was saved, for the last time: also waits for another commit that is under way. */
  void flushAtLast(Duration time) throws InterruptedException {
    if (pending() != null && submitting.tryLock(time.toMillis(), TimeUnit.MILLISECONDS)) {
      flushLocked();
    }
  }

  private void flushLocked() throws InterruptedException {
    try {
      byte[] taken = pending();
      if (taken != null) {
        submit(owner, List.of(), Optional.of(taken));
        done(taken);
      }
    } catch (InterruptedException e) {
      // One that is closed meanwhile takes nothing more, which is no interrupt of this thread.
      if (!isClosed()) {
        throw e;
      }
    } finally {
      submitting.unlock();
    }
  }

  /** Waits for the store no more, since the detector is to stop. */
  synchronized void stop() {
    stopping = true;
  }

  /** Takes nothing more, for a detector that did not stop when it was told to. */
  synchronized void close() {
    closed = true;
    pending = null;
  }

  private List<Optional<String>> submitPatiently(
      String name, List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException {
    Duration wait = FIRST_PAUSE;
    try {
      while (true) {
        try {
          return submit(name, detections, checkpoint);
        } catch (StoreException e) {
          String reason = String.valueOf(e.getMessage());
          LOG.warn("{} waits {} for the store: {}", owner, wait, reason);
          if (isStopping()) {
            throw (InterruptedException)
                new InterruptedException("the node stops: " + reason).initCause(e);
          }
          status.waits(reason);
          pause.sleep(wait);
          wait = wait.multipliedBy(2);
          wait = wait.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wait;
        }
      }
    } finally {
      status.waitsNoMore();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private List<Optional<String>> submit(
      String name, List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException {
    synchronized (this) {
      if (closed) {
        throw new InterruptedException("the node has stopped this plugin");
      }
    }
    List<Optional<String>> answers;
    try {
      answers = sink.submit(name, pluginId, detections, checkpoint);
    } catch (InterruptedException | RuntimeException e) {
      // It may have been committed or not: what is stored tells.
      handedOver.remove(name);
      throw e;
    }
    checkpoint.ifPresent(state -> handedOver.put(name, state));
    long refused = answers.stream().filter(Optional::isPresent).count();
    status.produced(detections.size() - refused);
    status.refused(refused);
    return answers;
  }

  private synchronized byte @Nullable [] pending() {
    return pending;
  }

  private synchronized void done(byte @Nullable [] taken) {
    if (Arrays.equals(pending, taken)) {
      pending = null;
    }
  }
}
