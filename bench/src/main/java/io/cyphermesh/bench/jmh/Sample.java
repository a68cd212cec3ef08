package io.cyphermesh.bench.jmh;

import io.cyphermesh.bench.ingest.EventMaker;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.SignedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** An event with details, freshly signed. */
@SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
record Sample(SignedEvent event, byte[] content) {

  static Sample make(Rsa rsa) throws IOException {
    Path folder = Files.createTempDirectory("cyphermesh-bench-");
    try {
      EventMaker maker = new EventMaker(Instant.parse("2026-01-02T03:04:05Z"));
      SignedEvent event = maker.event(1, NodeIdentity.open(folder, Optional.empty(), rsa));
      byte[] frame = maker.frame(event);
      return new Sample(event, Arrays.copyOfRange(frame, 4, frame.length));
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
