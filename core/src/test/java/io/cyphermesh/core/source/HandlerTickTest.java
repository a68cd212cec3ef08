package io.cyphermesh.core.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a handler does by the clock, between lines. */
class HandlerTickTest {

  @TempDir Path directory;

  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final AtomicInteger ticks = new AtomicInteger();
  private volatile boolean reported;
  private final List<String> snapshots = new CopyOnWriteArrayList<>();

  private final class Ticking implements LineHandler {
    @Override
    public void line(String line, Path file) {}

    @Override
    public void tick() {
      ticks.incrementAndGet();
      reported = true;
    }

    @Override
    public Optional<byte[]> snapshot() {
      return Optional.of((ticks + " ticks").getBytes(StandardCharsets.UTF_8));
    }
  }

  private final class Sink implements CheckpointSink {
    @Override
    public boolean waiting() {
      return reported;
    }

    @Override
    public void commit(byte[] checkpoint) {
      reported = false;
      try {
        byte[] snapshot = FollowCheckpoint.decode(checkpoint).snapshot().orElseThrow();
        snapshots.add(new String(snapshot, StandardCharsets.UTF_8));
      } catch (java.io.IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void whatATickReportsIsCommittedWithoutALine() throws Exception {
    Path log = Files.createFile(directory.resolve("log"));
    FileFollower follower =
        follower(log, new FollowSettings(Duration.ofMillis(5), Duration.ofHours(1), false));
    Thread thread =
        Thread.ofPlatform()
            .name("follower")
            .start(
                () -> {
                  try {
                    follower.follow(new Ticking());
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                  }
                });
    try {
      await().until(() -> snapshots.size() == 1);
      now = now.plusSeconds(1);
      await().until(() -> snapshots.size() == 2);
      now = now.minusSeconds(3600);
      await().until(() -> snapshots.size() == 3);
      assertThat(snapshots).containsExactly("0 ticks", "1 ticks", "2 ticks");
    } finally {
      thread.interrupt();
      thread.join();
    }
  }

  @Test
  void aReplayHasNoTicks() throws Exception {
    Path log = Files.writeString(directory.resolve("log"), "one\ntwo\n");
    follower(log, FollowSettings.replay()).follow(new Ticking());
    assertThat(ticks).hasValue(0);
  }

  private FileFollower follower(Path log, FollowSettings settings) {
    return new FileFollower(
        new FollowRequest(new ArrayList<>(List.of(log.toString())), FollowRequest.From.START),
        settings,
        () -> now,
        Optional.empty(),
        new Sink(),
        new FailedLine(() -> {}));
  }
}
