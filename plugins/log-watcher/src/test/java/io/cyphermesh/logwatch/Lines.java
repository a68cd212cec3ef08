package io.cyphermesh.logwatch;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lines as a syslog daemon writes them. */
final class Lines {

  private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss");

  private Lines() {}

  static String at(String time, String message) {
    return "Nov 22 " + time + " gate sshd[4711]: " + message;
  }

  static String sshd(String message) {
    return at("10:00:00", message);
  }

  static String failed(String address) {
    return "Failed password for root from " + address + " port 40022 ssh2";
  }

  /** {@code count} failed log-ins, one every {@code seconds}, from {@code start}. */
  static List<String> failures(String address, String start, int seconds, int count) {
    List<String> lines = new ArrayList<>();
    LocalTime time = LocalTime.parse(start);
    for (int i = 0; i < count; i++) {
      lines.add(at(SECONDS.format(time.plusSeconds((long) i * seconds)), failed(address)));
    }
    return lines;
  }

  static List<String> times(int count, String line) {
    return Collections.nCopies(count, line);
  }
}
