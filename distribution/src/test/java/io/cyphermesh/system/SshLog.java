package io.cyphermesh.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A log of an OpenSSH server, as the test writes it. */
final class SshLog {
  private static final DateTimeFormatter SYSLOG =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH)
          .withZone(ZoneId.systemDefault());

  private final Path file;

  SshLog(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** The section that makes a node watch it from its end. */
  String settings() {
    return "plugins.log-watcher { files = [\"" + file + "\"], from = end }\n";
  }

  /** A failed log-in, as syslog writes it. */
  static String failure(Instant at, String source, int port) {
    return SYSLOG.format(at) + message(source, port);
  }

  /** The same with a stamp of RFC 3339, to the millisecond. */
  static String preciseFailure(Instant at, String source, int port) {
    return DateTimeFormatter.ISO_INSTANT.format(at) + message(source, port);
  }

  private static String message(String source, int port) {
    return " host1 sshd["
        + port
        + "]: Failed password for root from "
        + source
        + " port "
        + port
        + " ssh2\n";
  }

  void append(String text) throws IOException {
    Files.write(
        file,
        text.getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
