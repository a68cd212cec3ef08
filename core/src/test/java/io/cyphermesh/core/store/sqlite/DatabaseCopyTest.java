package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.DatabaseCare;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DatabaseCopyTest {
  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final TestEvents events = new TestEvents(new Random(9));
  private final ReporterKey ourselves = events.reporter();

  @Test
  @Timeout(60)
  void aCopyUnderLoadShowsOneMomentWithAllThatWasConfirmed() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger confirmed = new AtomicInteger();
    try (SqliteEventStore store = open(file())) {
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; !enough.get(); i++) {
                        store.addLocal(
                            List.of(events.plain(ourselves, "number-" + i, clock.instant())),
                            Optional.empty());
                        confirmed.set(i + 1);
                      }
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      for (int round = 0; round < 5; round++) {
        int before = confirmed.get();
        Path copy = directory.resolve("copy-" + round + ".db");
        DatabaseCare.Facts facts = DatabaseCopy.copy(file(), copy, (bytes, total) -> {});
        assertThat(Files.getPosixFilePermissions(copy))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (ReadOnlyEvents reader = ReadOnlyEvents.open(copy)) {
          List<StoredEvent> all = reader.after(0, 1_000_000);
          assertThat(all).hasSizeGreaterThanOrEqualTo(before).hasSize((int) facts.events());
          for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).event().sourceIp()).isEqualTo("number-" + i);
          }
          assertThat(reader.counts().stored()).isEqualTo(all.size());
        }
      }
      enough.set(true);
      writer.join();
    }
  }

  @Test
  void aResumedCopyGivesNoNumberTwice() throws Exception {
    SignedEvent old = events.plain(ourselves, "old", clock.instant());
    Path copy = directory.resolve("copy.db");
    long later;
    try (SqliteEventStore store = open(file())) {
      store.addLocal(List.of(old), Optional.empty());
      DatabaseCopy.copy(file(), copy, (bytes, total) -> {});
      later =
          store
              .addLocal(
                  List.of(events.plain(ourselves, "later", clock.instant())), Optional.empty())
              .getFirst()
              .seq();
    }
    DatabaseCopy.resume(copy);
    try (SqliteEventStore store = open(copy)) {
      assertThat(store.contains(old.claimedId())).isTrue();
      assertThat(
              store
                  .addLocal(
                      List.of(events.plain(ourselves, "other", clock.instant())), Optional.empty())
                  .getFirst()
                  .seq())
          .isGreaterThan(later + 99_999_999_999L)
          .isLessThan(1L << 53);
    }
  }

  @Test
  void aDamagedDatabaseIsNotBackedUp() throws Exception {
    try (SqliteEventStore store = open(file())) {
      for (int i = 0; i < 200; i++) {
        store.addLocal(
            List.of(events.plain(ourselves, "number-" + i, clock.instant())), Optional.empty());
      }
    }
    try (RandomAccessFile out = new RandomAccessFile(file().toFile(), "rw")) {
      out.seek(out.length() / 2 / 4096 * 4096);
      out.write(new byte[8192]);
    }
    assertThatThrownBy(
            () -> DatabaseCopy.copy(file(), directory.resolve("c.db"), (bytes, total) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged")
        .hasMessageNotContaining("\n");
  }

  @Test
  void whatARestoreCanLiveWithIsBackedUp() throws Exception {
    try (SqliteEventStore store = open(file())) {
      store.addLocal(List.of(events.plain(ourselves, "one", clock.instant())), Optional.empty());
    }
    try (var connection = new DatabaseFile(file()).openAsItIs()) {
      DatabaseFile.run(connection, "UPDATE state SET stored = 7");
    }
    DatabaseCopy.copy(file(), directory.resolve("c.db"), (bytes, total) -> {});
    assertThat(directory.resolve("c.db")).isNotEmptyFile();
  }

  @Test
  void whatIsNotThereIsNotMadeUp() {
    assertThatThrownBy(() -> DatabaseCopy.resume(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot open");
    assertThat(file()).doesNotExist();
  }

  private Path file() {
    return directory.resolve("events.db");
  }

  private SqliteEventStore open(Path file) throws IOException {
    return SqliteEventStore.open(
        file, StoreSettings.DEFAULTS, (reporter, firstSeen, now) -> true, clock);
  }
}
