package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One detector's way to the sink, over all its restarts: what it reported goes with the newest
 * checkpoint, and never an older one after a newer one.
 *
 * <p>The follower's checkpoint has a name of its own in the store, so that a detector that also
 * saves something itself never overwrites the positions.
 */
final class CheckpointSlot implements Checkpoint {
  private final DetectionSink sink;
  private final String owner;
  private final String follower;
  private final String pluginId;
  private final ExtensionStatus status;

  /** Held while the sink works, so that checkpoints arrive in their order. */
  private final ReentrantLock submitting = new ReentrantLock();

  private byte @Nullable [] pending;
  private boolean closed;

  CheckpointSlot(DetectionSink sink, String owner, String pluginId, ExtensionStatus status) {
    this.sink = sink;
    this.owner = owner;
    this.follower = owner + "#follow";
    this.pluginId = pluginId;
    this.status = status;
  }

  @Override
  public Optional<byte[]> saved() {
    synchronized (this) {
      if (pending != null) {
        return Optional.of(pending.clone());
      }
    }
    return sink.checkpoint(owner);
  }

  /** What the follower committed last. */
  Optional<byte[]> followed() {
    return sink.checkpoint(follower);
  }

  @Override
  public synchronized void save(byte[] snapshot) {
    if (snapshot.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a checkpoint has at most " + MAX_BYTES + " bytes, not " + snapshot.length);
    }
    pending = snapshot.clone();
  }

  /** Commits detections with what was saved last. */
  List<Optional<String>> report(List<Detection> detections) throws InterruptedException {
    submitting.lockInterruptibly();
    try {
      byte[] taken = pending();
      List<Optional<String>> answers = submit(owner, detections, Optional.ofNullable(taken));
      done(taken);
      return answers;
    } finally {
      submitting.unlock();
    }
  }

  /** Commits detections with the follower's position. */
  List<Optional<String>> report(List<Detection> detections, byte[] followed)
      throws InterruptedException {
    submitting.lockInterruptibly();
    try {
      return submit(follower, detections, Optional.of(followed));
    } finally {
      submitting.unlock();
    }
  }

  /** Commits what was saved, if it is not yet. */
  void flush() throws InterruptedException {
    if (pending() != null) {
      report(List.of());
    }
  }

  /** Takes nothing more, for a detector that did not stop when it was told to. */
  synchronized void close() {
    closed = true;
    pending = null;
  }

  private List<Optional<String>> submit(
      String name, List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException {
    synchronized (this) {
      if (closed) {
        throw new InterruptedException("the node has stopped this plugin");
      }
    }
    List<Optional<String>> answers = sink.submit(name, pluginId, detections, checkpoint);
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
