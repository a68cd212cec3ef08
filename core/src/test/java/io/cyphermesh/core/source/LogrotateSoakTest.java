package io.cyphermesh.core.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.FollowRequest.From;
import io.cyphermesh.api.LineHandler;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real logrotate, every second, while a daemon writes. The long run is {@code
 * -Dcyphermesh.soak.lines=2000000}.
 */
class LogrotateSoakTest {
  private static final int LINES = Integer.getInteger("cyphermesh.soak.lines", 50_000);
  private static final int LINES_AT_ONCE = 50;
  private static final Path LOGROTATE = Path.of("/usr/sbin/logrotate");

  @TempDir Path directory;
  private final AtomicInteger written = new AtomicInteger();
  private final AtomicInteger rotations = new AtomicInteger();

  @Test
  void rotatingEverySecondLosesAndDoublesNone() throws Exception {
    Numbers numbers = new Numbers();
    try (Running running = running();
        FollowerHarness follower = new FollowerHarness()) {
      follower.follow(numbers, From.START, running.log);
      running.start();
      awaitAll(numbers);
    }
    assertThat(rotations.get()).isGreaterThan(3);
    assertThat(numbers.doubled).isZero();
  }

  @Test
  void noRestartAndNoCrashLosesOrDoublesAnyWhileRotationGoesOn() throws Exception {
    Numbers numbers = new Numbers();
    try (Running running = running();
        FollowerHarness follower = new FollowerHarness()) {
      follower.follow(numbers, From.START, running.log);
      running.start();
      await().atMost(Duration.ofMinutes(1)).until(() -> numbers.count() > LINES / 5);
      follower.stop();
      int then = rotations.get();
      await().atMost(Duration.ofMinutes(1)).until(() -> rotations.get() >= then + 3);
      follower.follow(numbers, From.START, running.log);
      await().atMost(Duration.ofMinutes(1)).until(() -> numbers.count() > LINES * 3 / 5);
      numbers.crash = true;
      follower.awaitEnd();
      follower.follow(numbers, From.START, running.log);
      awaitAll(numbers);
    }
    assertThat(numbers.doubled).isZero();
  }

  private void awaitAll(Numbers numbers) {
    await()
        .atMost(Duration.ofSeconds(60 + LINES / 1000))
        .until(() -> written.get() == LINES && numbers.count() == LINES);
  }

  private Running running() throws IOException {
    assumeThat(LOGROTATE).as("the Debian package logrotate").exists();
    return new Running();
  }

  /** Which of the lines came; goes back to its snapshot after a crash, as a detector does. */
  private static final class Numbers implements LineHandler {
    private volatile BitSet seen = new BitSet();
    private volatile int doubled;
    private volatile boolean crash;

    @Override
    public synchronized void line(String line, Path file) throws IOException {
      if (crash) {
        crash = false;
        throw new IOException("a crash");
      }
      int number = Integer.parseInt(line.substring(0, line.indexOf(' ')));
      if (seen.get(number)) {
        doubled++;
      }
      seen.set(number);
    }

    synchronized int count() {
      return seen.cardinality();
    }

    @Override
    public synchronized Optional<byte[]> snapshot() {
      return Optional.of(seen.toByteArray());
    }

    @Override
    public synchronized void restore(byte[] snapshot) {
      seen = BitSet.valueOf(snapshot);
    }
  }

  /** The daemon, which opens its log anew when logrotate says so, and logrotate. */
  private final class Running implements AutoCloseable {
    private final Path log = directory.resolve("app.log");
    private final Path reopen = directory.resolve("reopen");
    private final Path configuration = directory.resolve("logrotate.conf");
    private final ScheduledExecutorService threads =
        Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().name("soak-", 0).daemon().factory());
    private OutputStream out = new FileOutputStream(log.toFile(), true);

    Running() throws IOException {
      Files.writeString(
          configuration,
          """
          %s {
            rotate 8
            create
            postrotate
              touch %s
            endscript
          }
          """
              .formatted(log, reopen));
    }

    /** Not before somebody follows: what was rotated before that is nobody's. */
    void start() {
      var _ = threads.scheduleAtFixedRate(this::write, 0, 10, TimeUnit.MILLISECONDS);
      var _ = threads.scheduleAtFixedRate(this::rotate, 1000, 1000, TimeUnit.MILLISECONDS);
    }

    private void write() {
      try {

        if (Files.deleteIfExists(reopen)) {
          out.close();
          out = new FileOutputStream(log.toFile(), true);
        }
        for (int i = 0; i < LINES_AT_ONCE && written.get() < LINES; i++) {
          String line = written.get() + " Failed password for root from 192.0.2.1 port 22 ssh2\n";
          out.write(line.getBytes(StandardCharsets.US_ASCII));
          written.incrementAndGet();
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private void rotate() {
      try {
        Process logrotate =
            new ProcessBuilder(
                    LOGROTATE.toString(),
                    "--force",
                    "--state",
                    directory.resolve("state").toString(),
                    configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("logrotate.out").toFile())
                .start();
        if (logrotate.waitFor() == 0) {
          rotations.incrementAndGet();
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() throws IOException {
      // Waits for a rotation that is under way: its files would come while the folder is deleted.
      threads.close();
      out.close();
    }
  }
}
