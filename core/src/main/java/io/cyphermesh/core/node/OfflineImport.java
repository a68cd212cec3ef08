package io.cyphermesh.core.node;

import com.google.gson.JsonObject;
import com.typesafe.config.Config;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.identity.OriginalKeys;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventImport;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.pipeline.OriginalVerifier;
import io.cyphermesh.core.pipeline.Pipeline;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Imports events into the database of a node that does not run. */
public final class OfflineImport implements AutoCloseable {
  private final EventStore store;
  private final ExecutorService verifiers;
  private final EventImport imports;

  private OfflineImport(EventStore store, ExecutorService verifiers, EventImport imports) {
    this.store = store;
    this.verifiers = verifiers;
    this.imports = imports;
  }

  /**
   * Opens the database of a data directory, which is made where there is none.
   *
   * @param config the node's settings: its retention and size limit hold
   * @throws IOException if it cannot be opened, or a node has it open; one line
   */
  public static OfflineImport open(Path dataDirectory, Config config, InstantSource clock)
      throws IOException {
    Limits limits = Limits.from(config);
    EventStore store =
        SqliteEventStore.open(
            dataDirectory.resolve("cyphermesh.db"),
            limits.store(),
            (reporter, firstSeen, now) -> true,
            clock);
    try {
      Map<?, Standing> ignored =
          store.bannedOrBlocked(clock.instant()).stream()
              .collect(Collectors.toMap(Standing::peer, Function.identity()));
      Pipeline pipeline =
          new Pipeline(
              new EventVerifier(Rsa.fastest()),
              new OriginalVerifier(new OriginalKeys()),
              store,
              ignored::containsKey,
              limits.store().retention(),
              clock);
      ExecutorService verifiers =
          Executors.newFixedThreadPool(
              Runtime.getRuntime().availableProcessors(),
              Thread.ofPlatform().name("verify-", 0).daemon().factory());
      return new OfflineImport(
          store,
          verifiers,
          new EventImport(
              pipeline,
              store,
              publicKey(dataDirectory).map(ReporterKey::nodeId),
              verifiers,
              stored -> {}));
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static Optional<ReporterKey> publicKey(Path dataDirectory) throws IOException {
    try {
      return ReporterKey.ofPem(
          Files.readString(dataDirectory.resolve("keys").resolve("public_key.pem")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Imports events as the wire carries them, in one transaction. */
  public ImportedEvents take(List<JsonObject> events) throws InterruptedException {
    return imports.take(events);
  }

  /** Closes the database in order; what was imported is durable then. */
  @Override
  public void close() {
    verifiers.shutdownNow();
    store.close();
  }
}
