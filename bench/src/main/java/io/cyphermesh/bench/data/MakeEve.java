package io.cyphermesh.bench.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes an eve.json to measure with. */
@Command(
    name = "make-eve",
    description =
        "Writes an eve.json of Suricata, a tenth of it alerts: the same for the same seed.",
    mixinStandardHelpOptions = true)
public final class MakeEve implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "The file to write.")
  private @Nullable Path file;

  @Option(
      names = "--megabytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "How large, in millions of bytes (${DEFAULT-VALUE}).")
  private long megabytes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Another one, another file (${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws Exception {
    if (file == null) {
      throw new IllegalStateException("picocli asks for FILE");
    }
    write(file, megabytes * 1_000_000, seed);
    return 0;
  }

  static void write(Path file, long bytes, long seed) throws IOException {
    EveLog log = new EveLog(new SplittableRandom(seed));
    try (FileSink sink = new FileSink(file)) {
      while (sink.bytes() < bytes) {
        sink.line(log.next());
        sink.progress().at(sink.bytes(), bytes);
      }
    }
  }
}
