package io.cyphermesh.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * A server under attack from many addresses, which knows nothing of who reads its log: a thread
 * appends failed log-ins to it, some of them in two halves.
 *
 * <p>Each source makes {@link #ATTEMPTS}, the number that tips a bucket, at once or over many
 * seconds; every tenth stops one short of it.
 */
final class Attacks {
  static final int ATTEMPTS = 5;

  /** Over so many seconds at most; well below the two minutes in which a drop leaks away. */
  private static final double LONGEST_SECONDS = 25;

  private final SshLog log;
  private final int sourcesPerSecond;
  private final RandomGenerator random;
  private final PriorityQueue<Due> due = new PriorityQueue<>();

  /** The times of each source's lines, as the log has them. */
  private final Map<String, List<Instant>> written = new LinkedHashMap<>();

  private final Thread thread = Thread.ofPlatform().name("attacks").unstarted(this::write);
  private volatile boolean stopping;
  private volatile Throwable failure = new Throwable("none");
  private int sources;

  /** Held while a line is written, so that the log is never rotated in the middle of one. */
  private final Object writing = new Object();

  private record Due(long nanos, String source, int attempt) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return Long.compare(nanos, other.nanos);
    }
  }

  Attacks(SshLog log, int sourcesPerSecond, RandomGenerator random) {
    this.log = log;
    this.sourcesPerSecond = sourcesPerSecond;
    this.random = random;
  }

  void start() {
    thread.start();
  }

  /** Begins no attack any more, ends those that run, and waits for that. */
  void finish() throws InterruptedException {
    stopping = true;
    thread.join();
    if (!"none".equals(failure.getMessage())) {
      throw new IllegalStateException("the log could not be written", failure);
    }
  }

  /** Moves the log away, as logrotate does. */
  void rotate() throws IOException {
    synchronized (writing) {
      Path old = log.file().resolveSibling(log.file().getFileName() + "." + System.nanoTime());
      Files.move(log.file(), old);
      Files.createFile(log.file());
    }
  }

  /** After {@link #finish}: the times of the lines of each source that has to be reported. */
  Map<String, List<Instant>> tipped() {
    Map<String, List<Instant>> tipped = new LinkedHashMap<>(written);
    tipped.values().removeIf(times -> times.size() < ATTEMPTS);
    return Collections.unmodifiableMap(tipped);
  }

  /** After {@link #finish}: how many sources stopped short of a report. */
  int halfFilled() {
    return written.size() - tipped().size();
  }

  private void write() {
    try {
      long begin = System.nanoTime();
      while (!stopping || !due.isEmpty()) {
        long now = System.nanoTime();
        while (!stopping && sources < (now - begin) / 1e9 * sourcesPerSecond) {
          plan(now);
        }
        Due next = due.peek();
        if (next != null && next.nanos() <= now) {
          due.remove();
          attempt(next);
        } else {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
  }

  private void plan(long now) {
    int number = sources++;
    // More than IPv4 has for documentation.
    String source =
        number % 3 == 0 && number / 3 < 3 * 254
            ? List.of("192.0.2.", "198.51.100.", "203.0.113.").get(number / 3 / 254)
                + (number / 3 % 254 + 1)
            : "2001:db8::" + Integer.toHexString(number + 1);
    int attempts = number % 10 == 9 ? ATTEMPTS - 1 : ATTEMPTS;
    double seconds = random.nextInt(3) == 0 ? 0 : random.nextDouble() * LONGEST_SECONDS;
    List<Double> offsets = new ArrayList<>();
    for (int i = 0; i < attempts; i++) {
      offsets.add(random.nextDouble() * seconds);
    }
    Collections.sort(offsets);
    for (int i = 0; i < attempts; i++) {
      due.add(new Due(now + (long) (offsets.get(i) * 1e9), source, i));
    }
  }

  private void attempt(Due next) throws IOException {
    synchronized (writing) {
      Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      String line = SshLog.preciseFailure(at, next.source(), 40_000 + next.attempt());
      if (random.nextInt(5) == 0) {
        int half = random.nextInt(line.length());
        log.append(line.substring(0, half));
        LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(10)));
        log.append(line.substring(half));
      } else {
        log.append(line);
      }
      written.computeIfAbsent(next.source(), _ -> new ArrayList<>()).add(at);
    }
  }
}
