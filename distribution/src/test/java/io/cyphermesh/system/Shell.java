package io.cyphermesh.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A bash that stays, as a person's terminal does: folders, variables and functions of one block are
 * there in the next one. Ends at the first command that fails.
 */
final class Shell implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String DONE = "\u0001done";
  private static final String OVER = "\u0001over";

  private final Process process;
  private final Writer input;
  private final LinkedBlockingQueue<String> output = new LinkedBlockingQueue<>();

  /** A shell in a folder; {@code settle} changes the environment that it gets from this process. */
  static Shell in(Path folder, Consumer<Map<String, String>> settle) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "--noprofile", "--norc", "-eu", "-o", "pipefail")
            .directory(folder.toFile())
            .redirectErrorStream(true);
    settle.accept(builder.environment());
    return new Shell(builder.start());
  }

  private Shell(Process process) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("shell-output").start(this::read);
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(output::add);
    } catch (IOException | java.io.UncheckedIOException e) {
      output.add("its output cannot be read: " + e);
    }
    output.add(OVER);
  }

  /**
   * Runs commands and gives what they print to either output.
   *
   * @throws IllegalStateException if one failed, with all that was printed
   */
  String run(String commands) throws IOException, InterruptedException {
    // Commands read nothing of what follows them, and may leave their last line without its end.
    input.write("{\n" + commands + "\n} </dev/null\nprintf '\\n%s\\n' '" + DONE + "'\n");
    input.flush();
    StringBuilder printed = new StringBuilder();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String line = output.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(OVER)) {
        throw new IllegalStateException(
            (line == null ? "not done within " + PATIENCE : "failed")
                + ":\n"
                + commands
                + "\n"
                + printed);
      }
      if (line.equals(DONE)) {
        return printed.toString();
      }
      printed.append(line).append('\n');
    }
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    input.close();
  }
}
