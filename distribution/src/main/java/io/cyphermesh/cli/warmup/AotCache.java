package io.cyphermesh.cli.warmup;

import io.cyphermesh.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The cache file of an installation, made by a process of the program that rehearses what nodes and
 * commands do.
 */
public final class AotCache {
  /** The launcher's word for a process that is to leave a cache behind when it ends. */
  public static final String RECORD = "CYPHER_AOT_RECORD";

  private final Path launcher;
  private final Path file;

  /**
   * A cache that may not be there yet.
   *
   * @param launcher the installation's {@code bin/cyphermesh}
   * @param file where the launcher looks for it
   */
  public AotCache(Path launcher, Path file) {
    this.launcher = launcher;
    this.file = file;
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /**
   * Makes it anew; the former one stays in use until this one is complete.
   *
   * @param rehearsal the command that does all that the cache is to know
   * @param patience how long it may take
   * @throws CommandFailure if it cannot be made here
   */
  public void make(List<String> rehearsal, Duration patience)
      throws IOException, InterruptedException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isWritable(folder)) {
      throw new CommandFailure(
          folder + " cannot be written: run 'cyphermesh warm-up' as the user who installed it");
    }
    long end = System.nanoTime() + patience.toNanos();
    discardLeft(folder);
    Path fresh = folder.resolve("." + file.getFileName() + "." + ProcessHandle.current().pid());
    Path output = Files.createTempFile("cyphermesh-warm-up", ".txt");
    try {
      run(rehearsal, Map.of(RECORD, fresh.toString()), output, end);
      if (!Files.exists(fresh)) {
        throw new CommandFailure("Java made no cache" + last(output));
      }
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      prove(output, end);
    } finally {
      Files.deleteIfExists(fresh);
      Files.deleteIfExists(Path.of(fresh + ".config"));
      Files.delete(output);
    }
  }

  /** What a process that was killed meanwhile has left. */
  private void discardLeft(Path folder) throws IOException {
    String prefix = "." + file.getFileName() + ".";
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, prefix + "*")) {
      for (Path each : left) {
        String pid =
            each.getFileName().toString().substring(prefix.length()).replaceAll("\\D.*", "");
        if (pid.isEmpty() || ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  /** One that Java does not take would be passed over in silence at each start. */
  private void prove(Path output, long end) throws IOException, InterruptedException {
    try {
      run(List.of("--version"), Map.of("CYPHER_AOT", "require"), output, end);
    } catch (CommandFailure e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private void run(List<String> arguments, Map<String, String> variables, Path output, long end)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString());
    builder.command().addAll(arguments);
    builder.environment().keySet().removeIf(key -> key.startsWith("CYPHER_"));
    builder.environment().remove("JAVA_OPTS");
    // The cache is for the Java that runs now.
    builder.environment().put("CYPHER_JAVA", System.getProperty("java.home"));
    builder.environment().putAll(variables);
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    // Its standard input stays open for as long as this process lives: it ends with it.
    try (OutputStream _ = process.getOutputStream()) {
      if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new CommandFailure("it took too long, and was given up");
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new CommandFailure(
          "'cyphermesh " + String.join(" ", arguments) + "' failed" + last(output));
    }
  }

  private static String last(Path output) throws IOException {
    return new String(Files.readAllBytes(output), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .reduce((_, line) -> line)
        .map(line -> ": " + line)
        .orElse("");
  }
}
