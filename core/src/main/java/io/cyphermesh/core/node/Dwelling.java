package io.cyphermesh.core.node;

import io.cyphermesh.core.store.sqlite.DatabaseCopy;
import io.cyphermesh.core.view.NodeFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder that a node lives in.
 *
 * @param data its data directory
 */
record Dwelling(Path data) {
  private static final String KEY_ALGORITHM = "RSA-2048";

  Path keys() {
    return data.resolve("keys");
  }

  Path database() {
    return data.resolve("cyphermesh.db");
  }

  NodeFacts facts() {
    return new NodeFacts(
        KEY_ALGORITHM, keyMadeAt(), data.toString(), freeBytes(), DatabaseCopy.latestSchema());
  }

  /** Of its files one is written anew when a passphrase is set; the others stay as they were. */
  private Optional<Instant> keyMadeAt() {
    return Stream.of("private_key.pem", "public_key.pem")
        .map(keys()::resolve)
        .flatMap(Dwelling::modified)
        .min(Instant::compareTo);
  }

  private static Stream<Instant> modified(Path file) {
    try {
      return Stream.of(Files.getLastModifiedTime(file).toInstant());
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private Optional<Long> freeBytes() {
    try {
      return Optional.of(Files.getFileStore(data).getUsableSpace());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
