package io.cyphermesh.hotswap;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What plugins that are gone may have left in this process. */
final class LeftOver {
  private LeftOver() {}

  /** Threads whose name is a plugin's, virtual ones included. */
  static List<String> threads(List<String> plugins) throws IOException {
    Path dump = Files.createTempFile("threads", ".txt");
    Files.delete(dump);
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(
            dump.toAbsolutePath().toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
    try (Stream<String> lines = Files.lines(dump)) {
      return lines
          .filter(line -> line.startsWith("#"))
          .filter(line -> plugins.stream().anyMatch(id -> line.contains("plugin-" + id)))
          .toList();
    } finally {
      Files.delete(dump);
    }
  }

  /** Platform threads in a plugin's group. */
  static List<String> grouped(List<String> plugins) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread -> {
              ThreadGroup group = thread.getThreadGroup();
              return group != null
                  && plugins.stream().anyMatch(id -> group.getName().equals("plugin-" + id));
            })
        .map(Thread::getName)
        .toList();
  }

  /** Files that were deleted and are open all the same. */
  static List<String> deletedJars() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.map(LeftOver::target)
          .filter(file -> file.contains(".jar") && file.endsWith("(deleted)"))
          .toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
