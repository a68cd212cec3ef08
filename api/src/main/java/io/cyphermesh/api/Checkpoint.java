package io.cyphermesh.api;

import java.util.Optional;

/** A detector's saved state, at most {@value #MAX_BYTES} bytes. */
public interface Checkpoint {

  /** The greatest size of a snapshot, in bytes. */
  int MAX_BYTES = 256 * 1024;

  /** What was saved last, also before a restart or a crash. */
  Optional<byte[]> saved();

  /**
   * Takes a snapshot. It becomes durable in one transaction with the next report, else within 5 s.
   *
   * @throws IllegalArgumentException if it is larger than {@link #MAX_BYTES}
   */
  void save(byte[] snapshot);
}
