package io.cyphermesh.bench.detect;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Another program that reads the same file. */
record Yardstick(String name, List<String> command) {
  Yardstick {
    command = List.copyOf(command);
  }

  /** Whether the program is there. */
  boolean installed() {
    return program(command.getFirst()).isPresent();
  }

  private static Optional<Path> program(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path file = Path.of(folder.isEmpty() ? "." : folder, name);
      if (Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /**
   * Runs it several times on the file, which is in the page cache by then.
   *
   * @return seconds of each run
   */
  List<Double> run(int rounds) throws IOException, InterruptedException {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
      // Bytes, not letters: that is how grep is fastest.
      builder.environment().put("LC_ALL", "C");
      long begin = System.nanoTime();
      Process process = builder.start();
      // Through a pipe: grep stops at the first match where its output is /dev/null.
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      int code = process.waitFor();
      // grep says 1 where nothing matches.
      if (code > 1) {
        throw new IOException(name + " failed: " + String.join(" ", command));
      }
      seconds.add((System.nanoTime() - begin) / 1e9);
    }
    return seconds;
  }
}
