package io.cyphermesh.core.node;

import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.DatabaseCare;
import io.cyphermesh.core.store.sqlite.DatabaseCheck;
import io.cyphermesh.core.store.sqlite.DatabaseCopy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What can be done with the database of a node, whether or not that node runs. */
public final class NodeDatabase {
  private final Path file;

  private NodeDatabase(Path file) {
    this.file = file;
  }

  /** The database in this file; nothing is opened yet. */
  public static NodeDatabase at(Path file) {
    return new NodeDatabase(file);
  }

  /** The newest schema that this program knows. */
  public static int latestSchema() {
    return DatabaseCopy.latestSchema();
  }

  /**
   * What it is.
   *
   * @throws IOException if it cannot be read, or a newer version wrote it; one line
   */
  public DatabaseCare.Facts facts() throws IOException {
    return DatabaseCopy.facts(file);
  }

  /**
   * Copies it as it is at this moment, with all that is committed.
   *
   * @throws IOException if it cannot be read or written; one line
   */
  public DatabaseCare.Facts copyTo(Path target, DatabaseCare.Progress progress) throws IOException {
    return DatabaseCopy.copy(file, target, progress);
  }

  /** Makes a copy fit for a node to go on from: its numbers jump. */
  public void resume() throws IOException {
    DatabaseCopy.resume(file);
  }

  /**
   * Checks pages and tables, but no event.
   *
   * @throws IOException if it cannot even be opened; one line
   */
  public void checkPages(DatabaseCare.Watcher watcher) throws IOException {
    new DatabaseCheck(file, (event, bare) -> Optional.empty(), 1, watcher).runWithoutEvents();
  }

  /**
   * Checks pages, tables, and every event's id and signature, on all cores.
   *
   * @throws IOException if it cannot even be opened; one line
   */
  public DatabaseCare.Summary check(DatabaseCare.Watcher watcher)
      throws IOException, InterruptedException {
    EventVerifier verifier = new EventVerifier(Rsa.fastest());
    return new DatabaseCheck(
            file,
            (event, bare) ->
                switch (verifier.check(event)) {
                  case FULL -> marking(event);
                  case BARE ->
                      bare ? marking(event) : Optional.of("its id is not the hash of its content");
                  case WRONG_ID -> Optional.of("its id is not the hash of its content");
                  case WRONG_SIGNATURE -> Optional.of("its signature is not its reporter's");
                },
            Runtime.getRuntime().availableProcessors(),
            watcher)
        .run();
  }

  /** The marking has a column of its own, by which is decided who may see an event. */
  private static Optional<String> marking(SignedEvent event) {
    return event.details().isEmpty() || EventCodec.isParsedFrom(event.details().get())
        ? Optional.empty()
        : Optional.of("its marking (TLP) is not that of its details");
  }
}
