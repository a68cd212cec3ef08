package io.cyphermesh.core.store.sqlite;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {
  private static final int KILLS = 10;

  @TempDir Path directory;

  @Test
  @Timeout(300)
  void whateverTheMomentOfTheKillNoLocalEventIsLostOrRepeated() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("CrashTest seed " + seed);
    Random random = new Random(seed);
    Path file = directory.resolve("events.db");
    int acknowledged = 0;
    long lastSeq = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      acknowledged = Math.max(acknowledged, runAndKill(file, random));

      try (ReadOnlyEvents reader = ReadOnlyEvents.open(file)) {
        List<StoredEvent> all = reader.after(0, 1_000_000);
        List<String> local =
            all.stream().filter(StoredEvent::local).map(e -> e.event().sourceIp()).toList();
        int count = local.size();
        assertThat(count).as("seed %d, kill %d", seed, kill).isGreaterThanOrEqualTo(acknowledged);
        assertThat(local)
            .as("seed %d, kill %d", seed, kill)
            .containsExactlyElementsOf(
                IntStream.rangeClosed(1, count).mapToObj(n -> "number-" + n).toList());
        assertThat(reader.counts().stored()).isEqualTo(all.size());
        assertThat(reader.counts().local()).isEqualTo(count);
        long before = lastSeq;
        assertThat(all.stream().map(StoredEvent::seq).filter(seq -> seq > before).findFirst())
            .as("the sequence jumps")
            .hasValueSatisfying(
                seq -> assertThat(seq).isGreaterThan(before == 0 ? 0 : before + 999_999));
        lastSeq = all.getLast().seq();
        acknowledged = count;
      }
    }
    try (SqliteEventStore store =
        SqliteEventStore.open(
            file, StoreSettings.DEFAULTS, (reporter, firstSeen, now) -> true, new TestClock())) {
      assertThat(store.checkpoint("counter").map(state -> new String(state, US_ASCII)))
          .contains(Integer.toString(acknowledged));
    }
  }

  /** The last number that the process said was durable. */
  private static int runAndKill(Path file, Random random) throws IOException, InterruptedException {
    Path errors = Files.createTempFile(file.getParent(), "child", ".err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriter.class.getName(),
                file.toString(),
                Long.toString(random.nextLong()))
            .redirectError(errors.toFile())
            .start();
    int last = 0;
    try (BufferedReader output = process.inputReader()) {
      int lines = 1 + random.nextInt(60);
      long spins = random.nextLong(2_000_000);
      for (int i = 0; i < lines; i++) {
        String line = output.readLine();
        if (line == null) {
          throw new IOException("the writer ended early: " + Files.readString(errors));
        }
        last = number(line, last);
      }
      // Not at the moment of an acknowledgement, but anywhere between two of them.
      for (long i = 0; i < spins; i++) {
        Thread.onSpinWait();
      }
      // Process.destroyForcibly would close the stream and with it the last acknowledgements.
      process.toHandle().destroyForcibly();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        last = number(line, last);
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    return last;
  }

  /** The log may write to the same stream, and the kill may cut a line short. */
  private static int number(String line, int otherwise) {
    return line.matches("[0-9]{1,9}") ? Math.max(otherwise, Integer.parseInt(line)) : otherwise;
  }
}
