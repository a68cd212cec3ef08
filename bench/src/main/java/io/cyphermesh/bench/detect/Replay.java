package io.cyphermesh.bench.detect;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import io.cyphermesh.core.plugin.RecordConfig;
import io.cyphermesh.core.source.CheckpointSink;
import io.cyphermesh.core.source.FailedLine;
import io.cyphermesh.core.source.FileFollower;
import io.cyphermesh.core.source.FollowSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node lends to a detector, without the node: its file follower up to the end of the file,
 * snapshots with each line that reports something, and nothing that is stored.
 */
final class Replay implements DetectorContext {
  private final Config section;
  private final String id;
  private final Path data;
  private long lines;
  private long detections;
  private long nanos;
  private long cpuNanos;
  private boolean waiting;

  private Replay(Config section, String id, Path data) {
    this.section = section;
    this.id = id;
    this.data = data;
  }

  /**
   * What a replay came to.
   *
   * @param nanos from the first look at the file to its end
   * @param cpuNanos what the one thread used of it
   */
  record Result(long lines, long detections, long nanos, long cpuNanos) {}

  /** Has a detector read a file from its first line to its last. */
  static Result run(DetectorJar jar, Path file, Path data) throws Exception {
    Config section =
        ConfigFactory.parseMap(
                Map.of("files", List.of(file.toAbsolutePath().toString()), "from", "start"))
            .withFallback(jar.reference())
            .resolve();
    Replay replay = new Replay(section, jar.id(), data);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(jar.loader());
    try {
      jar.detector().run(replay);
    } finally {
      thread.setContextClassLoader(before);
    }
    return new Result(replay.lines, replay.detections, replay.nanos, replay.cpuNanos);
  }

  @Override
  public void follow(FollowRequest request, LineHandler handler)
      throws IOException, InterruptedException {
    FileFollower follower =
        new FileFollower(
            request,
            FollowSettings.replay(),
            clock(),
            Optional.empty(),
            new CheckpointSink() {
              @Override
              public boolean waiting() {
                return waiting;
              }

              @Override
              public void commit(byte[] checkpoint) {
                waiting = false;
              }
            },
            new FailedLine(() -> {}));
    long cpuBegin = cpu();
    long begin = System.nanoTime();
    follower.follow(
        new LineHandler() {
          @Override
          public void line(String line, Path file) throws Exception {
            lines++;
            handler.line(line, file);
          }

          @Override
          public Optional<byte[]> snapshot() {
            return handler.snapshot();
          }

          @Override
          public void restore(byte[] snapshot) {
            handler.restore(snapshot);
          }
        });
    nanos = System.nanoTime() - begin;
    cpuNanos = cpu() - cpuBegin;
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Override
  public void report(Detection detection) {
    detections++;
    waiting = true;
  }

  @Override
  public Checkpoint checkpoint() {
    return new Checkpoint() {
      @Override
      public Optional<byte[]> saved() {
        return Optional.empty();
      }

      @Override
      public void save(byte[] snapshot) {}
    };
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    return RecordConfig.read(section, "plugins." + id, type);
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger("plugin." + id);
  }

  @Override
  public InstantSource clock() {
    return InstantSource.system();
  }

  @Override
  public Path dataDirectory() {
    return data;
  }
}
