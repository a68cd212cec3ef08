package io.cyphermesh.logwatch;

/**
 * Where the parts of a syslog line are: {@code STAMP HOST PROGRAM[PID]: MESSAGE}.
 *
 * <p>The program stands at a fixed place, which only the syslog daemon writes. What looks like a
 * program further on was written by whoever chose a user name. One object is used for all lines, so
 * that a line nobody cares for costs no memory. Not thread-safe.
 */
final class SyslogHeader {

  private int stampEnd;
  private int programStart;
  private int programEnd;
  private int messageStart;
  private int messageEnd;

  /** Finds the parts; false if the line is not of that form. */
  boolean read(String line) {
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) <= ' ') {
      end--;
    }
    messageEnd = end;
    stampEnd = stampEnd(line, end);
    if (stampEnd <= 0) {
      return false;
    }
    int hostEnd = line.indexOf(' ', stampEnd + 1, end);
    if (hostEnd <= stampEnd + 1) {
      return false;
    }
    programStart = hostEnd + 1;
    int at = programStart;
    while (at < end && isProgram(line.charAt(at))) {
      at++;
    }
    programEnd = at;
    if (at < end && line.charAt(at) == '[') {
      at++;
      while (at < end && line.charAt(at) >= '0' && line.charAt(at) <= '9') {
        at++;
      }
      if (at == end || line.charAt(at) != ']') {
        return false;
      }
      at++;
    }
    if (at == programStart || at >= end || line.charAt(at) != ':') {
      return false;
    }
    at++;
    messageStart = at < end && line.charAt(at) == ' ' ? at + 1 : at;
    return messageStart < end;
  }

  private static int stampEnd(String line, int end) {
    if (end < 20) {
      return -1;
    }
    char first = line.charAt(0);
    if (first >= '0' && first <= '9') {
      // "2026-11-22 10:00:00" holds a blank, "2026-11-22T10:00:00" does not.
      boolean blank = line.charAt(4) == '-' && line.charAt(10) == ' ';
      return line.indexOf(' ', blank ? 11 : 0, end);
    }
    if (line.charAt(3) == ' ') {
      // "Dec 10 06:55:46", "Dec  9 06:55:46", and with a fraction behind it.
      return line.charAt(6) == ' ' ? line.indexOf(' ', 7, end) : -1;
    }
    return line.indexOf(' ', 0, end);
  }

  private static boolean isProgram(char c) {
    return c > ' ' && c != '[' && c != ':' && c != ']';
  }

  boolean isProgram(String line, String program) {
    return programEnd - programStart == program.length() && line.startsWith(program, programStart);
  }

  /** The program's name. */
  String program(String line) {
    return line.substring(programStart, programEnd);
  }

  int stampEnd() {
    return stampEnd;
  }

  int messageStart() {
    return messageStart;
  }

  /** Behind the last character that is no blank. */
  int messageEnd() {
    return messageEnd;
  }
}
