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
 * <p>In the store a first byte tells whose a checkpoint is: the detector's own, or the follower's.
 */
final class CheckpointSlot implements Checkpoint {
  private static final byte OWN = 1;
  private static final byte FOLLOWER = 2;

  private final DetectionSink sink;
  private final String owner;
  private final String pluginId;
  private final ExtensionStatus status;

  /** Held while the sink works, so that checkpoints arrive in their order. */
  private final ReentrantLock submitting = new ReentrantLock();

  private byte @Nullable [] pending;
  private boolean closed;

  CheckpointSlot(DetectionSink sink, String owner, String pluginId, ExtensionStatus status) {
    this.sink = sink;
    this.owner = owner;
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
    return stored(OWN);
  }

  /** What the follower committed last. */
  Optional<byte[]> followed() {
    return stored(FOLLOWER);
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
      List<Optional<String>> answers =
          submit(detections, taken == null ? Optional.empty() : Optional.of(tagged(OWN, taken)));
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
      return submit(detections, Optional.of(tagged(FOLLOWER, followed)));
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

  private List<Optional<String>> submit(List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException {
    synchronized (this) {
      if (closed) {
        throw new InterruptedException("the node has stopped this plugin");
      }
    }
    List<Optional<String>> answers = sink.submit(owner, pluginId, detections, checkpoint);
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

  private Optional<byte[]> stored(byte tag) {
    return sink.checkpoint(owner)
        .filter(bytes -> bytes.length > 0 && bytes[0] == tag)
        .map(bytes -> Arrays.copyOfRange(bytes, 1, bytes.length));
  }

  private static byte[] tagged(byte tag, byte[] bytes) {
    byte[] tagged = new byte[bytes.length + 1];
    tagged[0] = tag;
    System.arraycopy(bytes, 0, tagged, 1, bytes.length);
    return tagged;
  }
}
