package io.cyphermesh.bench.data;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes an SSH log to measure with. */
@Command(
    name = "make-ssh-log",
    description = "Writes the auth.log of a host under attack: the same for the same seed.",
    mixinStandardHelpOptions = true)
public final class MakeSshLog implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "The file to write.")
  private @Nullable Path file;

  @Option(
      names = "--lines",
      paramLabel = "N",
      defaultValue = "400000",
      description = "How many lines (${DEFAULT-VALUE}).")
  private long lines;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Another one, another log (${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws Exception {
    if (file == null) {
      throw new IllegalStateException("picocli asks for FILE");
    }
    write(file, lines, seed);
    return 0;
  }

  static void write(Path file, long lines, long seed) throws java.io.IOException {
    SshLog log = new SshLog(new SplittableRandom(seed));
    try (FileSink sink = new FileSink(file)) {
      while (sink.lines() < lines) {
        for (String line : log.next()) {
          if (sink.lines() < lines) {
            sink.line(line);
          }
        }
        sink.progress().at(sink.lines(), lines);
      }
    }
  }
}
