package io.cyphermesh.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The archive's launcher. */
final class Program {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Program() {}

  /** What a command that is over left. */
  record Result(int code, String out, String err, Duration took) {}

  /** The command as it has to be started; nothing of the tester's own settings reaches it. */
  static ProcessBuilder command(Path data, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(key -> key.startsWith("CYPHER_") || key.equals("JAVA_OPTS"));
    environment.put("CYPHER_JAVA", Path.of(System.getProperty("java.home")).toString());
    environment.put("CYPHER_DATA_DIR", data.toString());
    // Made before the tests; no test waits for it at a node's first stop.
    environment.put("CYPHER_AOT", "use");
    return builder;
  }

  static Path launcher() {
    String launcher = System.getProperty("system.launcher");
    if (launcher == null || !Files.isExecutable(Path.of(launcher))) {
      throw new IllegalStateException(
          "system.launcher is to name the archive's bin/cyphermesh, not " + launcher);
    }
    return Path.of(launcher);
  }

  /** Runs a command to its end. */
  static Result run(Path data, String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile("cyphermesh-out", ".txt");
    Path err = Files.createTempFile("cyphermesh-err", ".txt");
    try {
      long begin = System.nanoTime();
      Process process =
          command(data, List.of(arguments))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(List.of(arguments) + " did not end");
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      return new Result(
          process.exitValue(),
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8),
          took);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
