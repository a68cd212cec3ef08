package io.cyphermesh.bench.ingest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * CPU time that a process has used, thread by thread, as Linux counts it.
 *
 * @param threads by thread id
 * @param totalNanos of all threads, those included that ended; in steps of 10 ms
 */
record CpuTimes(Map<Long, Used> threads, long totalNanos) {

  /** What a thread has used. */
  record Used(String name, long nanos) {}

  CpuTimes {
    threads = Map.copyOf(threads);
  }

  /** Of a process as it is now. */
  static CpuTimes of(long pid) throws IOException {
    Map<Long, Used> threads = new HashMap<>();
    Path process = Path.of("/proc", Long.toString(pid));
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        try {
          threads.put(
              Long.parseLong(task.getFileName().toString()),
              new Used(
                  Files.readString(task.resolve("comm")).strip(),
                  Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", -1)[0])));
        } catch (NoSuchFileException e) {
          // It ended while we looked.
        }
      }
    }
    return new CpuTimes(threads, total(Files.readString(process.resolve("stat"))));
  }

  /**
   * User and system time in nanoseconds.
   *
   * @param stat the line of /proc/PID/stat; the name in its parentheses may hold anything
   */
  static long total(String stat) {
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
    // Fields 14 and 15 of the line, in ticks; Linux tells user space of 100 a second everywhere.
    return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) * 10_000_000L;
  }

  /** What was used since {@code before}, by stage, in nanoseconds. */
  Map<Stage, Long> since(CpuTimes before) {
    Map<Stage, Long> used = new EnumMap<>(Stage.class);
    long known = 0;
    for (Map.Entry<Long, Used> thread : threads.entrySet()) {
      Used was = before.threads.get(thread.getKey());
      long nanos = thread.getValue().nanos() - (was == null ? 0 : was.nanos());
      used.merge(Stage.of(thread.getValue().name()), nanos, Long::sum);
      known += nanos;
    }
    long ended = Math.max(0, totalNanos - before.totalNanos - known);
    used.merge(Stage.OTHER, ended, Long::sum);
    return used;
  }

  /** A number of /proc/PID/status, for instance {@code VmHWM}, in KiB. */
  static long statusKib(long pid, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(field.toLowerCase(Locale.ROOT)))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }
}
