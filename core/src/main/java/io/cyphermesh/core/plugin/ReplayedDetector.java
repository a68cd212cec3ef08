package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.LineHandler;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.source.LineException;
import io.cyphermesh.core.source.ReplayInput;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** One detector in a replay: its thread, and the context that feeds it. */
final class ReplayedDetector {
  /** What a detector reports beside its lines may wait so long, before it waits itself. */
  private static final int MOST_LOOSE = 1024;

  private final String id;
  private final Class<? extends Detector> type;
  private final Context context;
  private final Thread thread;

  /** Done once it asked for lines. */
  private final CompletableFuture<Boolean> follows = new CompletableFuture<>();

  /** Done when it has ended: with nothing, or with what it threw. */
  private final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();

  private final BlockingQueue<Work> work = new ArrayBlockingQueue<>(1);
  private final BlockingQueue<Detection> loose = new ArrayBlockingQueue<>(MOST_LOOSE);

  /**
   * Lines of one input.
   *
   * @param first the number of the first, from 1
   */
  record Batch(ReplayInput input, long first, List<String> lines) {}

  /** What came of the line at an index of a batch. */
  sealed interface Result {
    int line();

    record Detected(int line, Detection detection) implements Result {}

    record Explained(int line, String rule, String reason) implements Result {}
  }

  /**
   * What came of a batch.
   *
   * @param matched indexes of lines that were evidence of something
   */
  record Outcome(List<Result> results, List<Integer> matched) {}

  private sealed interface Work {
    record Lines(Batch batch, CompletableFuture<Outcome> outcome) implements Work {}

    record End() implements Work {}
  }

  /**
   * @param plugin what every extension of the plugin is lent, given the clock
   * @param present the clock before the first line
   */
  ReplayedDetector(
      String id,
      Class<? extends Detector> type,
      Function<InstantSource, PluginContext> plugin,
      Instant present,
      boolean tracing) {
    this.id = id;
    this.type = type;
    this.context = new Context(plugin, present, tracing);
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("detect-" + id)
            .inheritInheritableThreadLocals(false)
            .unstarted(this::run);
    thread.setContextClassLoader(type.getClassLoader());
  }

  String id() {
    return id;
  }

  void start() {
    thread.start();
  }

  private void run() {
    Optional<Throwable> fault = Optional.empty();
    try {
      Extensions.instantiate(type).run(context);
    } catch (Throwable e) {
      fault = Optional.of(e);
    }
    follows.complete(false);
    ended.complete(fault);
  }

  /**
   * Whether it wants lines.
   *
   * @return empty if it does not say so in time
   */
  Optional<Boolean> follows(Duration limit) throws InterruptedException {
    return await(follows, limit);
  }

  /** Whether it has ended, and by what; empty if it did not in time. */
  Optional<Optional<Throwable>> ended(Duration limit) throws InterruptedException {
    return await(ended, limit);
  }

  private static <T> Optional<T> await(CompletableFuture<T> future, Duration limit)
      throws InterruptedException {
    try {
      return Optional.of(future.get(limit.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Hands it lines; waits only while the batch before the last one is not begun. */
  CompletableFuture<Outcome> submit(Batch batch) throws InterruptedException {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    put(new Work.Lines(batch, outcome));
    return outcome;
  }

  /**
   * Waits for what came of a batch.
   *
   * @throws ExecutionException if the detector failed; the cause is what it threw
   */
  Outcome await(CompletableFuture<Outcome> outcome)
      throws InterruptedException, ExecutionException {
    while (true) {
      try {
        return outcome.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (ended.isDone() && !outcome.isDone()) {
          throw new ExecutionException(
              new IllegalStateException("it ended before its lines did", e));
        }
      }
    }
  }

  /** Has {@code follow} return. */
  void end() throws InterruptedException {
    put(new Work.End());
  }

  private void put(Work next) throws InterruptedException {
    while (!work.offer(next, 100, TimeUnit.MILLISECONDS)) {
      if (ended.isDone()) {
        return;
      }
    }
  }

  /** What it has reported beside its lines since the last call. */
  List<Detection> loose() {
    List<Detection> taken = new ArrayList<>();
    loose.drainTo(taken);
    return taken;
  }

  /** Tells it to stop; whether it did so in time. */
  boolean stop(Duration limit) throws InterruptedException {
    thread.interrupt();
    return !thread.isAlive() || thread.join(limit);
  }

  private final class Context implements DetectorContext {
    private final PluginContext plugin;
    private final boolean tracing;
    private final AtomicBoolean followed = new AtomicBoolean();
    private volatile Instant present;

    /** The thread that is inside a handler, if one is; all below belongs to it. */
    private volatile @Nullable Thread handling;

    private List<Result> results = new ArrayList<>();
    private List<Integer> matched = new ArrayList<>();
    private int line;
    private int detections;

    Context(Function<InstantSource, PluginContext> plugin, Instant present, boolean tracing) {
      this.present = present;
      this.plugin = plugin.apply(() -> this.present);
      this.tracing = tracing;
    }

    @Override
    public void report(Detection detection) throws InterruptedException {
      Detection canonical = canonical(detection);
      if (Thread.currentThread() == handling) {
        if (++detections > HostedDetectorContext.MAX_DETECTIONS_OF_A_LINE) {
          throw new IllegalStateException(
              "one line cannot stand for more than "
                  + HostedDetectorContext.MAX_DETECTIONS_OF_A_LINE
                  + " detections");
        }
        results.add(new Result.Detected(line, canonical));
      } else {
        loose.put(canonical);
      }
    }

    private static Detection canonical(Detection detection) {
      if (!(detection.indicator() instanceof Indicator.Ip ip)) {
        return detection;
      }
      String address =
          IpText.canonical(ip.value())
              .orElseThrow(
                  () -> new IllegalArgumentException("'" + ip.value() + "' is no IP address"));
      return new Detection(
          new Indicator.Ip(address),
          detection.threatType(),
          detection.severity(),
          detection.tlp(),
          detection.rule(),
          detection.confidence(),
          detection.count(),
          detection.firstSeen(),
          detection.lastSeen(),
          detection.technique(),
          detection.target(),
          detection.description(),
          detection.tags());
    }

    @Override
    public Checkpoint checkpoint() {
      return new Checkpoint() {
        @Override
        public Optional<byte[]> saved() {
          return Optional.empty();
        }

        @Override
        public void save(byte[] snapshot) {
          // A replay begins anew each time.
        }
      };
    }

    @Override
    public void follow(FollowRequest request, LineHandler handler) throws InterruptedException {
      if (followed.getAndSet(true)) {
        throw new IllegalStateException(
            "follow() was called already: name all files in one request");
      }
      follows.complete(true);
      while (work.take() instanceof Work.Lines(Batch batch, CompletableFuture<Outcome> outcome)) {
        present = batch.input().time();
        try {
          for (line = 0; line < batch.lines().size(); line++) {
            detections = 0;
            handle(batch, handler);
          }
        } catch (Throwable e) {
          outcome.completeExceptionally(e);
          throw e;
        }
        outcome.complete(new Outcome(results, matched));
        results = new ArrayList<>();
        matched = new ArrayList<>();
      }
    }

    private void handle(Batch batch, LineHandler handler) throws InterruptedException {
      handling = Thread.currentThread();
      try {
        handler.line(batch.lines().get(line), batch.input().file());
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | LinkageError | StackOverflowError e) {
        throw new LineException("at " + batch.input().name() + ":" + (batch.first() + line), e);
      } finally {
        handling = null;
      }
    }

    @Override
    public void trace(String text, String rule, String reason) {
      if (tracing && Thread.currentThread() == handling) {
        results.add(new Result.Explained(line, rule, reason));
      }
    }

    @Override
    public boolean tracing() {
      return tracing;
    }

    @Override
    public void matched() {
      if (Thread.currentThread() == handling && (matched.isEmpty() || matched.getLast() != line)) {
        matched.add(line);
      }
    }

    @Override
    public boolean replaying() {
      return true;
    }

    @Override
    public <T extends Record> T config(Class<T> type) {
      return plugin.config(type);
    }

    @Override
    public Logger logger() {
      return plugin.logger();
    }

    @Override
    public InstantSource clock() {
      return plugin.clock();
    }

    @Override
    public Path dataDirectory() {
      return plugin.dataDirectory();
    }
  }
}
