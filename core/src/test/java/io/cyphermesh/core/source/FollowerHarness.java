package io.cyphermesh.core.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.FollowRequest.From;
import io.cyphermesh.api.LineHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Runs a follower on real files, over restarts, and keeps the lines and warnings that come. */
final class FollowerHarness implements AutoCloseable {
  final List<String> lines = new CopyOnWriteArrayList<>();
  final List<Path> files = new CopyOnWriteArrayList<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<byte[]> committed = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.cyphermesh.core.source");
  private final AppenderBase<ILoggingEvent> appender = new Warnings();
  private FollowSettings settings =
      new FollowSettings(Duration.ofMillis(5), Duration.ofSeconds(5), false);
  private volatile Instant now = Instant.now();
  private @Nullable Thread thread;
  private volatile @Nullable Throwable failure;

  FollowerHarness() {
    appender.start();
    logger.addAppender(appender);
  }

  FollowerHarness atMost(int maxFiles) {
    settings = new FollowSettings(settings.poll(), settings.checkpointEvery(), false, maxFiles);
    return this;
  }

  /** Returns once the follower has begun, so that what is written next is new. */
  FollowerHarness follow(From from, Object... paths) {
    return follow(
        (line, file) -> {
          lines.add(line);
          files.add(file);
        },
        from,
        paths);
  }

  FollowerHarness follow(LineHandler handler, From from, Object... paths) {
    FollowRequest request =
        new FollowRequest(Arrays.stream(paths).map(Object::toString).toList(), from);
    int before = committed.size();
    FileFollower follower =
        new FileFollower(
            request,
            settings,
            () -> now,
            committed.isEmpty() ? Optional.empty() : Optional.of(committed.getLast()),
            new CheckpointSink() {
              @Override
              public boolean waiting() {
                return false;
              }

              @Override
              public void commit(byte[] checkpoint) {
                committed.add(checkpoint);
              }
            },
            new FailedLine(() -> {}));
    Thread started =
        Thread.ofPlatform()
            .name("follower")
            .start(
                () -> {
                  try {
                    follower.follow(handler);
                  } catch (Throwable e) {
                    failure = e;
                  }
                });
    thread = started;
    await().until(() -> committed.size() > before || !started.isAlive());
    assertThat(started.isAlive()).as("%s", failure).isTrue();
    return this;
  }

  /** Stops as at a restart of the node: with a last checkpoint. */
  void stop() throws InterruptedException {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      assertThat(running.join(Duration.ofSeconds(10))).isTrue();
      thread = null;
    }
  }

  /** Waits until the handler made it fail. */
  void awaitEnd() throws InterruptedException {
    Thread running = thread;
    assertThat(running == null || running.join(Duration.ofSeconds(10))).isTrue();
    thread = null;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  FollowCheckpoint checkpoint() throws IOException {
    return FollowCheckpoint.decode(committed.getLast());
  }

  int checkpointBytes() {
    return committed.getLast().length;
  }

  void awaitLines(String... expected) {
    await().untilAsserted(() -> assertThat(lines).containsExactly(expected));
  }

  void awaitWarning(String... parts) {
    await()
        .untilAsserted(
            () -> assertThat(warnings).anySatisfy(warning -> assertThat(warning).contains(parts)));
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  static void append(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  }

  static void truncate(Path file) throws IOException {
    Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Long enough for some looks and for one look for new files. */
  void awaitLooks(Path folder) throws IOException {
    String text = "probe " + System.nanoTime();
    Path probe = folder.resolve(text + ".log");
    append(probe, text + "\n");
    await().until(() -> lines.contains(text));
    Files.delete(probe);
    int at = lines.indexOf(text);
    lines.remove(at);
    files.remove(at);
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      logger.detachAppender(appender);
      appender.stop();
    }
  }

  private final class Warnings extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
        warnings.add(event.getFormattedMessage());
      }
    }
  }
}
