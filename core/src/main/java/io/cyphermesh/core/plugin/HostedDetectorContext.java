package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.core.source.CheckpointSink;
import io.cyphermesh.core.source.FailedLine;
import io.cyphermesh.core.source.FileFollower;
import io.cyphermesh.core.source.FollowSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What one run of a detector is lent. */
final class HostedDetectorContext implements DetectorContext, LentContext {
  /** A line stands for a handful of detections; more than this is a fault of the handler. */
  static final int MAX_DETECTIONS_OF_A_LINE = 10_000;

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final PluginContext plugin;
  private final CheckpointSlot slot;
  private final FailedLine failedLine;
  private final FollowSettings followSettings;
  private final AtomicBoolean followed = new AtomicBoolean();

  /** So many detections are committed before the next line, also in a backlog. */
  private static final int FULL = 256;

  /**
   * The thread that is inside a handler, if one is; {@link #collected} belongs to it. Not volatile,
   * since each thread only asks whether it is the one that wrote itself here.
   */
  private @Nullable Thread handling;

  private final List<Detection> collected = new ArrayList<>();

  /** How many were collected before the line that is being handled. */
  private int collectedBefore;

  private Instant nextWarning = Instant.MIN;
  private long unwarned;

  HostedDetectorContext(
      PluginContext plugin,
      CheckpointSlot slot,
      FailedLine failedLine,
      FollowSettings followSettings) {
    this.plugin = plugin;
    this.slot = slot;
    this.failedLine = failedLine;
    this.followSettings = followSettings;
  }

  @Override
  public void report(Detection detection) throws InterruptedException {
    if (Thread.currentThread() == handling) {
      if (collected.size() - collectedBefore >= MAX_DETECTIONS_OF_A_LINE) {
        throw new IllegalStateException(
            "one line cannot stand for more than " + MAX_DETECTIONS_OF_A_LINE + " detections");
      }
      collected.add(detection);
      return;
    }
    // A follower's checkpoint stays the follower's: what a second thread reports goes without one.
    Optional<String> refusal = slot.report(List.of(detection)).getFirst();
    if (refusal.isPresent()) {
      throw new IllegalArgumentException(refusal.get());
    }
  }

  @Override
  public Checkpoint checkpoint() {
    return new Checkpoint() {
      @Override
      public Optional<byte[]> saved() {
        return slot.saved();
      }

      @Override
      public void save(byte[] snapshot) {
        if (followed.get()) {
          throw new IllegalStateException(
              "a detector that follows files saves its state by LineHandler.snapshot()");
        }
        slot.save(snapshot);
      }
    };
  }

  @Override
  public void follow(FollowRequest request, LineHandler handler)
      throws IOException, InterruptedException {
    for (String path : request.paths()) {
      if (!Path.of(path).isAbsolute()) {
        throw new IllegalArgumentException(
            "'" + path + "' is no absolute path; name the file from the root on");
      }
    }
    if (followed.getAndSet(true)) {
      throw new IllegalStateException("follow() was called already: name all files in one request");
    }
    new FileFollower(
            request, followSettings, plugin.clock(), slot.followed(), new Commits(), failedLine)
        .follow(new Collecting(handler));
  }

  @Override
  public PluginContext plugin() {
    return plugin;
  }

  /** Nobody waits for an answer to a line's detections, so the operator gets it; not each one. */
  private void warn(String reason) {
    unwarned++;
    Instant now = plugin.clock().instant();
    if (now.isBefore(nextWarning)) {
      return;
    }
    plugin
        .logger()
        .warn("{} detection(s) could not become events, the last since {}", unwarned, reason);
    unwarned = 0;
    nextWarning = now.plus(BETWEEN_WARNINGS);
  }

  private final class Commits implements CheckpointSink {
    @Override
    public boolean waiting() {
      return !collected.isEmpty();
    }

    @Override
    public boolean full() {
      return collected.size() >= FULL;
    }

    @Override
    public void commit(byte[] checkpoint) throws InterruptedException {
      List<Optional<String>> answers = slot.report(List.copyOf(collected), checkpoint);
      collected.clear();
      answers.forEach(answer -> answer.ifPresent(HostedDetectorContext.this::warn));
    }
  }

  private final class Collecting implements LineHandler {
    private final LineHandler handler;

    Collecting(LineHandler handler) {
      this.handler = handler;
    }

    @Override
    public void line(String line, Path file) throws Exception {
      collectedBefore = collected.size();
      handling = Thread.currentThread();
      try {
        handler.line(line, file);
      } finally {
        handling = null;
      }
    }

    @Override
    public void tick() throws Exception {
      handling = Thread.currentThread();
      try {
        handler.tick();
      } finally {
        handling = null;
      }
    }

    @Override
    public Optional<byte[]> snapshot() {
      return handler.snapshot();
    }

    @Override
    public void restore(byte[] snapshot) {
      handler.restore(snapshot);
    }
  }
}
