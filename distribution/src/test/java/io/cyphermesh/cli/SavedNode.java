package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.node.OfflineImport;
import io.cyphermesh.core.protocol.StrictJson;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A data directory as a node leaves it, with events that somebody really signed. */
final class SavedNode {
  static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private SavedNode() {}

  /** Makes one; its node's id. */
  static String make(Path data, TestReporter reporter, int events) throws Exception {
    Files.createDirectories(data);
    NodeIdentity identity =
        NodeIdentity.open(data.resolve("keys"), Optional.empty(), Rsa.portable());
    Files.writeString(data.resolve("cyphermesh.conf"), "port = 9005\n");
    Files.writeString(data.resolve("api-token"), "a-token-that-nobody-knows\n");
    Files.writeString(data.resolve("plugins.json"), "{}\n");
    Files.createDirectories(data.resolve("plugins-data/own"));
    Files.writeString(data.resolve("plugins-data/own/state"), "7");
    Files.createDirectories(data.resolve("logs"));
    Files.writeString(data.resolve("logs/cyphermesh.log"), "a line\n");
    store(data, reporter, events);
    return identity.nodeId().hex();
  }

  static List<String> store(Path data, TestReporter reporter, int events) throws Exception {
    List<String> texts = texts(reporter, events);
    List<JsonObject> batch = new ArrayList<>();
    for (String text : texts) {
      batch.add(StrictJson.object(text));
    }
    try (OfflineImport imports =
        OfflineImport.open(data, ConfigFactory.empty(), InstantSource.fixed(NOW))) {
      if (imports.take(batch).stored() != events) {
        throw new IOException("not all was stored");
      }
    }
    return texts;
  }

  static List<String> texts(TestReporter reporter, int events) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      texts.add(reporter.event("203.0.113." + i, NOW.minusSeconds(i)).canonical());
    }
    return texts;
  }
}
