package io.cyphermesh.bench.ingest;

import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.core.identity.NodeIdentity;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A file of frames, ready to be sent: for each phase and each link one slice. Signing is what takes
 * long, so the file is kept for a day; afterwards its time stamps are too old to be those of fresh
 * reports.
 *
 * @param file the frames
 * @param ends for each phase and link, phase by phase, where its slice ends
 * @param signed how long signing took; zero where a kept file was taken
 */
record SignedLoad(Path file, List<Long> ends, Duration signed) {
  private static final Duration FRESH = Duration.ofHours(20);

  SignedLoad {
    ends = List.copyOf(ends);
  }

  /** Where a slice begins. */
  static long begin(List<Long> ends, int slice) {
    return slice == 0 ? 0 : ends.get(slice - 1);
  }

  /** The kept file of this shape, or a new one. */
  static SignedLoad of(Path folder, Shape shape, List<NodeIdentity> reporters, Instant now)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path file = folder.resolve("events-" + shape.key() + ".bin");
    Path index = indexOf(file);
    if (Files.exists(index)
        && Files.getLastModifiedTime(index).toInstant().isAfter(now.minus(FRESH))) {
      List<Long> ends = readIndex(file);
      if (Files.size(file) == ends.getLast()) {
        return new SignedLoad(file, ends, Duration.ZERO);
      }
    }
    Files.deleteIfExists(index);
    long begin = System.nanoTime();
    List<Long> ends = sign(file, shape, reporters, now);
    Path fresh = folder.resolve(index.getFileName() + ".new");
    Files.write(fresh, ends.stream().map(String::valueOf).toList());
    Files.move(fresh, index, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new SignedLoad(file, ends, Duration.ofNanos(System.nanoTime() - begin));
  }

  /** The ends of a file's slices. */
  static List<Long> readIndex(Path file) throws IOException {
    return Files.readAllLines(indexOf(file)).stream().map(Long::valueOf).toList();
  }

  private static Path indexOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".index");
  }

  private static List<Long> sign(Path file, Shape shape, List<NodeIdentity> reporters, Instant now)
      throws IOException, InterruptedException {
    EventMaker maker = new EventMaker(now);
    Progress progress = Progress.of("signing");
    AtomicInteger done = new AtomicInteger();
    List<Long> ends = new ArrayList<>();
    int threads = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool =
            Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("sign-", 0).daemon().factory());
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      long written = 0;
      for (int phase = 0; phase < shape.phases(); phase++) {
        for (int link = 0; link < shape.links(); link++) {
          int only = link;
          int first = shape.first(phase);
          int[] events =
              IntStream.range(first, first + shape.events(phase))
                  .filter(n -> shape.linkOf(n) == only)
                  .toArray();
          byte[][] frames = new byte[events.length][];
          List<Future<?>> parts = new ArrayList<>();
          for (int t = 0; t < threads; t++) {
            int offset = t;
            parts.add(
                pool.submit(
                    () -> {
                      for (int i = offset; i < events.length; i += threads) {
                        int n = events[i];
                        frames[i] = maker.frame(maker.event(n, reporters.get(shape.reporterOf(n))));
                        progress.at(done.incrementAndGet(), shape.total());
                      }
                    }));
          }
          for (Future<?> part : parts) {
            part.get();
          }
          for (byte[] frame : frames) {
            out.write(frame);
            written += frame.length;
          }
          ends.add(written);
        }
      }
    } catch (ExecutionException e) {
      throw new IOException("cannot sign: " + e.getCause(), e);
    } finally {
      progress.end();
    }
    return ends;
  }
}
