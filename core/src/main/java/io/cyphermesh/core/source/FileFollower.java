package io.cyphermesh.core.source;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows files line by line, over rotation, truncation and restarts, on the calling thread.
 *
 * <p>A line is complete with its newline; {@code \r} before it is dropped, NULs are dropped, bytes
 * that are no UTF-8 become U+FFFD, and of a line longer than 64 KiB only the first 64 KiB come,
 * which is counted and warned of. Files are looked at, not watched, so that those of other machines
 * are followed alike; a look costs one {@code stat} for each file.
 *
 * <p>A position is committed together with what the lines before it left ({@link CheckpointSink}):
 * at once where no more lines stand there, in a backlog for several lines together. When the
 * handler fails, the last checkpoint stands; the lines behind it come again after a restart, to a
 * handler that was given the snapshot of that checkpoint. A line at which it fails three times in a
 * row is skipped.
 */
public final class FileFollower {
  private static final Logger LOG = LoggerFactory.getLogger(FileFollower.class);

  private static final int BUFFER = 256 * 1024;

  /** Lines between two looks at the clock. */
  private static final int LINES_PER_TICK = 32;

  /** Lines after one that waits for its commit, and the time, until they are committed together. */
  private static final int GROUP_LINES = 1024;

  private static final Duration GROUP_TIME = Duration.ofMillis(50);

  private static final Duration BETWEEN_CUT_WARNINGS = Duration.ofMinutes(1);

  /** Between two ticks of the handler. */
  private static final Duration HANDLER_TICK = Duration.ofSeconds(1);

  private final FollowSettings settings;
  private final InstantSource clock;
  private final CheckpointSink sink;
  private final FailedLine failedLine;
  private final Optional<FollowCheckpoint> start;
  private final FollowedFiles files;

  /**
   * @param checkpoint what was committed last, if anything; what cannot be read counts as nothing
   * @param failedLine kept over restarts by the caller
   */
  public FileFollower(
      FollowRequest request,
      FollowSettings settings,
      InstantSource clock,
      Optional<byte[]> checkpoint,
      CheckpointSink sink,
      FailedLine failedLine) {
    this.settings = settings;
    this.clock = clock;
    this.sink = sink;
    this.failedLine = failedLine;
    this.start = checkpoint.flatMap(FileFollower::decode);
    this.files = new FollowedFiles(request, settings, clock, new byte[BUFFER]);
  }

  /**
   * Follows until interrupted, or until the end of the input in a replay. What the handler throws
   * passes; a checked exception comes as the cause of a {@link LineException}.
   *
   * @throws IOException if no file can be followed at all; the message names one and says why
   * @throws InterruptedException if told to stop; a last checkpoint has been committed then, unless
   *     the handler or the sink was interrupted in its work
   */
  public void follow(LineHandler handler) throws IOException, InterruptedException {
    try (files) {
      files.begin(start);
      start.flatMap(FollowCheckpoint::snapshot).ifPresent(handler::restore);
      Run run = new Run(handler);
      if (settings.untilEnd()) {
        run.replay();
      } else {
        run.live();
      }
    }
  }

  private static Optional<FollowCheckpoint> decode(byte[] bytes) {
    try {
      return Optional.of(FollowCheckpoint.decode(bytes));
    } catch (IOException e) {
      LOG.warn("a checkpoint cannot be read and is left aside: {}", e.toString());
      return Optional.empty();
    }
  }

  private final class Run implements OpenLog.Delivery {
    private final LineHandler handler;

    /** Whether handler and positions agree, which they do not inside the handler. */
    private boolean betweenLines = true;

    /**
     * When the first line was handled that waits for its commit, and how many lines that is ago.
     */
    private @Nullable Instant groupSince;

    private int groupLines;
    private long cutLines;
    private Instant nextCutWarning = Instant.MIN;
    private boolean moved;
    private boolean skipped;
    private int linesToTick = LINES_PER_TICK;
    private Instant lastCheckpoint = clock.instant();
    private Instant lastTick = clock.instant();

    Run(LineHandler handler) {
      this.handler = handler;
    }

    void live() throws InterruptedException {
      try {
        // Where it began must outlive a crash in the first seconds.
        commit();
        while (true) {
          boolean busy = files.turn(this);
          moved |= files.changed();
          if (sink.waiting()) {
            commit();
          }
          tickWhenDue();
          checkpointWhenDue();
          if (!busy) {
            Thread.sleep(settings.poll());
          } else if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
      } catch (InterruptedException e) {
        if (betweenLines && moved) {
          commit();
        }
        throw e;
      }
    }

    void replay() throws IOException, InterruptedException {
      files.readToEnd(this);
      commit();
    }

    @Override
    public void handle(String line, OpenLog from, long offset) throws InterruptedException {
      if (failedLine.skip(from.key(), offset)) {
        LOG.warn(
            "skipping the line at byte {} of {}: its handler failed {} times in a row",
            offset,
            from.path(),
            FailedLine.TRIES);
        skipped = true;
        return;
      }
      betweenLines = false;
      try {
        handler.line(line, from.path());
      } catch (InterruptedException e) {
        throw e;
      } catch (RuntimeException | Error e) {
        failedLine.failed(from.key(), offset);
        throw e;
      } catch (Exception e) {
        failedLine.failed(from.key(), offset);
        throw new LineException("at byte " + offset + " of " + from.path(), e);
      }
      betweenLines = true;
    }

    @Override
    public void handled() throws InterruptedException {
      moved = true;
      // A line is remembered as bad until it was skipped once: it must not come again.
      if (skipped || (sink.waiting() && isGroupComplete())) {
        commit();
      } else if (--linesToTick <= 0) {
        linesToTick = LINES_PER_TICK;
        checkpointWhenDue();
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }

    /**
     * Each commit writes the snapshot, too, so that one for each line would slow a backlog down.
     */
    private boolean isGroupComplete() {
      Instant now = clock.instant();
      Instant since = groupSince;
      if (since == null) {
        groupSince = now;
        since = now;
      }
      return ++groupLines >= GROUP_LINES || sink.full() || !now.isBefore(since.plus(GROUP_TIME));
    }

    @Override
    public void cut(OpenLog from) {
      cutLines++;
      if (clock.instant().isBefore(nextCutWarning)) {
        return;
      }
      nextCutWarning = clock.instant().plus(BETWEEN_CUT_WARNINGS);
      LOG.warn(
          "{} line(s) so far were longer than {} KiB and were cut there, the last in {}",
          cutLines,
          LineText.MAX_BYTES / 1024,
          from.path());
    }

    private void tickWhenDue() throws InterruptedException {
      Instant now = clock.instant();
      // A clock that was set back must not silence the ticks.
      if (!now.isBefore(lastTick) && now.isBefore(lastTick.plus(HANDLER_TICK))) {
        return;
      }
      lastTick = now;
      betweenLines = false;
      try {
        handler.tick();
      } catch (InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new LineException("between two lines", e);
      }
      betweenLines = true;
      if (sink.waiting()) {
        commit();
      }
    }

    private void checkpointWhenDue() throws InterruptedException {
      if (moved && !clock.instant().isBefore(lastCheckpoint.plus(settings.checkpointEvery()))) {
        commit();
      }
    }

    private void commit() throws InterruptedException {
      Optional<byte[]> snapshot = handler.snapshot();
      if (snapshot.isPresent() && snapshot.get().length > Checkpoint.MAX_BYTES) {
        throw new IllegalStateException(
            "the handler's snapshot has "
                + snapshot.get().length
                + " bytes; at most "
                + Checkpoint.MAX_BYTES
                + " are kept");
      }
      betweenLines = false;
      sink.commit(files.checkpoint(snapshot).encode());
      betweenLines = true;
      moved = false;
      skipped = false;
      groupSince = null;
      groupLines = 0;
      lastCheckpoint = clock.instant();
    }
  }
}
