package io.cyphermesh.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;

/** The sample log: lines of an OpenSSH server, each with the moment at which it is written. */
final class AttackLog {
  private static final String RESOURCE = "attack.log";

  private final List<Entry> entries;

  /**
   * A line.
   *
   * @param at after the replay's begin
   * @param text host, tag and message, without a stamp
   */
  record Entry(Duration at, String text) {}

  private AttackLog(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** The one that the program brings along. */
  static AttackLog sample() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(AttackLog.class.getResourceAsStream(RESOURCE)),
                StandardCharsets.UTF_8))) {
      return new AttackLog(
          lines
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(AttackLog::entry)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Entry entry(String line) {
    int space = line.indexOf(' ');
    long millis = Math.round(Double.parseDouble(line.substring(0, space)) * 1000);
    return new Entry(Duration.ofMillis(millis), line.substring(space + 1));
  }

  List<Entry> entries() {
    return entries;
  }

  /** Appends the lines to {@code file}, each in its time and with the time as its stamp. */
  void replay(Path file, InstantSource clock) throws IOException, InterruptedException {
    DateTimeFormatter stamp =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx")
            .withZone(ZoneId.systemDefault());
    long begin = System.nanoTime();
    for (Entry entry : entries) {
      long wait = entry.at().toNanos() - (System.nanoTime() - begin);
      if (wait > 0) {
        Thread.sleep(Duration.ofNanos(wait));
      }
      // Opened anew for each line, as a log daemon's reader must expect anyway.
      Files.writeString(
          file,
          stamp.format(clock.instant()) + " " + entry.text() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }
}
