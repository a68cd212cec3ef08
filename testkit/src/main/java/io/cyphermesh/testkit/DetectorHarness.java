package io.cyphermesh.testkit;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for a node that runs one detector: feeds it lines, keeps what it reports, and saves its
 * checkpoints in memory as the node does in its database.
 *
 * <p>{@link #replay} runs the detector over lines on the test's own thread and returns. Between
 * {@link #start} and {@link #stop} it runs on a thread of its own, and {@link #feed} appends lines
 * to what it follows.
 *
 * <pre>{@code
 * DetectorHarness harness = DetectorHarness.of(MyDetector::new, tempDir);
 * harness.replay("Failed password for root from 203.0.113.7");
 * assertThat(harness.detections()).hasSize(1);
 * }</pre>
 */
public final class DetectorHarness implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Supplier<? extends Detector> detector;
  private final Path directory;
  private final ManualClock clock = ManualClock.at("2026-01-01T12:00:00Z");
  private final List<Detection> detections = new ArrayList<>();
  private final List<String> traces = new ArrayList<>();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private String settings = "";
  private Path file = Path.of("/var/log/test.log");
  private volatile boolean refusing;
  private volatile Optional<byte[]> saved = Optional.empty();
  private volatile Optional<Throwable> ended = Optional.empty();
  private final AtomicInteger handled = new AtomicInteger();
  private int fed;
  private volatile @Nullable Thread thread;

  private DetectorHarness(Supplier<? extends Detector> detector, Path directory) {
    this.detector = detector;
    this.directory = directory;
  }

  /**
   * A harness for one detector.
   *
   * @param detector makes it anew for each run, as the node does
   * @param directory an empty directory, for what the detector keeps
   */
  public static DetectorHarness of(Supplier<? extends Detector> detector, Path directory) {
    return new DetectorHarness(detector, directory);
  }

  /** Settings over those of the plugin's reference.conf, in HOCON. */
  public DetectorHarness settings(String hocon) {
    settings = hocon;
    return this;
  }

  /** The file that the lines are said to stand in. */
  public DetectorHarness file(Path path) {
    file = path;
    return this;
  }

  /** The clock that the detector sees. */
  public ManualClock clock() {
    return clock;
  }

  /** From now on each report is refused, as the node refuses what cannot become an event. */
  public DetectorHarness refusing(boolean now) {
    refusing = now;
    return this;
  }

  /** Runs the detector over lines, from what the last run saved, until their end. */
  public void replay(String... input) throws Exception {
    replay(List.of(input));
  }

  /** Runs the detector over lines, from what the last run saved, until their end. */
  public void replay(List<String> input) throws Exception {
    Detector made = detector.get();
    made.run(new Context(made.getClass(), Optional.of(input)));
  }

  /** Starts the detector on a thread of its own. */
  public DetectorHarness start() {
    if (thread != null) {
      throw new IllegalStateException("it runs already");
    }
    ended = Optional.empty();
    Detector made = detector.get();
    Thread started =
        Thread.ofPlatform()
            .daemon()
            .name("detector-under-test")
            .unstarted(
                () -> {
                  try {
                    made.run(new Context(made.getClass(), Optional.empty()));
                  } catch (Throwable e) {
                    ended = Optional.of(e);
                  }
                });
    started.setContextClassLoader(made.getClass().getClassLoader());
    thread = started;
    started.start();
    return this;
  }

  /** Appends lines to what a started detector follows, and waits until it has seen them. */
  public void feed(String... input) {
    for (String line : input) {
      lines.add(line);
      fed++;
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> handled.get() >= fed || ended.isPresent() || !running());
    ended.ifPresent(fault -> Assertions.fail("the detector ended", fault));
  }

  /** Whether a started detector still runs. */
  public boolean running() {
    Thread running = thread;
    return running != null && running.isAlive();
  }

  /**
   * Interrupts a started detector, as the node does, and fails the test if it has not ended within
   * {@code patience}.
   */
  public void stop(Duration patience) throws InterruptedException {
    Thread running = thread;
    if (running == null) {
      return;
    }
    running.interrupt();
    if (!running.join(patience)) {
      StackTraceElement[] stack = running.getStackTrace();
      Assertions.fail(
          "the detector did not stop within %s; it is at %s",
          patience, stack.length == 0 ? "its end" : stack[0]);
    }
    thread = null;
  }

  /** What it reported, in order, refused reports left out. */
  public List<Detection> detections() {
    synchronized (detections) {
      return List.copyOf(detections);
    }
  }

  /** What it traced, as {@code rule: reason}. */
  public List<String> traces() {
    synchronized (traces) {
      return List.copyOf(traces);
    }
  }

  /** Begins with this snapshot, as if it had been saved in an earlier run. */
  public DetectorHarness saved(byte[] snapshot) {
    save(Optional.of(snapshot));
    return this;
  }

  /** What it last saved. */
  public Optional<byte[]> saved() {
    return saved;
  }

  /** Why a started detector ended by itself. */
  public Optional<Throwable> fault() {
    return ended;
  }

  @Override
  public void close() {
    try {
      stop(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void save(Optional<byte[]> snapshot) {
    snapshot.ifPresent(
        bytes -> {
          if (bytes.length > Checkpoint.MAX_BYTES) {
            throw new IllegalArgumentException(
                "a snapshot of "
                    + bytes.length
                    + " bytes; at most "
                    + Checkpoint.MAX_BYTES
                    + " are saved");
          }
        });
    saved = snapshot.map(byte[]::clone);
  }

  /** What one run is lent. */
  private final class Context extends HarnessContext implements DetectorContext {
    private final Optional<List<String>> replayed;
    private volatile @Nullable Thread handling;
    private boolean followed;

    Context(Class<?> type, Optional<List<String>> replayed) {
      super(type, settings, clock, directory);
      this.replayed = replayed;
    }

    @Override
    public void report(Detection detection) {
      if (refusing) {
        // Inside a line nobody waits for the answer, as in the node.
        if (Thread.currentThread() != handling) {
          throw new IllegalArgumentException("refused by the test");
        }
        return;
      }
      synchronized (detections) {
        detections.add(detection);
      }
    }

    @Override
    public Checkpoint checkpoint() {
      return new Checkpoint() {
        @Override
        public Optional<byte[]> saved() {
          return saved;
        }

        @Override
        public void save(byte[] snapshot) {
          if (followed) {
            throw new IllegalStateException(
                "a detector that follows files saves its state by LineHandler.snapshot()");
          }
          DetectorHarness.this.save(Optional.of(snapshot));
        }
      };
    }

    @Override
    public void follow(FollowRequest request, LineHandler handler) throws InterruptedException {
      if (followed) {
        throw new IllegalStateException("follow() was called already");
      }
      followed = true;
      saved.ifPresent(handler::restore);
      if (replayed.isPresent()) {
        for (String line : replayed.get()) {
          handle(handler, line);
        }
        return;
      }
      while (true) {
        handle(handler, lines.take());
        handled.incrementAndGet();
      }
    }

    private void handle(LineHandler handler, String line) {
      handling = Thread.currentThread();
      try {
        handler.line(line, file);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted in a line", e);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("the handler failed at: " + line, e);
      } finally {
        handling = null;
      }
      save(handler.snapshot());
    }

    @Override
    public void trace(String line, String rule, String reason) {
      synchronized (traces) {
        traces.add(rule + ": " + reason);
      }
    }

    @Override
    public boolean tracing() {
      return true;
    }
  }
}
