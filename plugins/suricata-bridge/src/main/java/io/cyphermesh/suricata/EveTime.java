package io.cyphermesh.suricata;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Reads Suricata's stamps: {@code 2022-07-10T23:50:05.533101+0200}, with or without the fraction
 * and the colon in the offset, or with {@code Z}. Where the clock failed it writes {@code
 * ts-error}.
 */
final class EveTime {

  /** Given for what is no stamp. */
  static final long UNREADABLE = Long.MIN_VALUE;

  private EveTime() {}

  /** Milliseconds since 1970, or {@link #UNREADABLE}. A stamp without an offset is UTC. */
  static long millis(String stamp) {
    int length = stamp.length();
    if (length < 19
        || length > 40
        || stamp.charAt(4) != '-'
        || stamp.charAt(7) != '-'
        || (stamp.charAt(10) != 'T' && stamp.charAt(10) != ' ')
        || stamp.charAt(13) != ':'
        || stamp.charAt(16) != ':') {
      return UNREADABLE;
    }
    int year = number(stamp, 0, 4);
    int month = number(stamp, 5, 2);
    int day = number(stamp, 8, 2);
    int hour = number(stamp, 11, 2);
    int minute = number(stamp, 14, 2);
    int second = number(stamp, 17, 2);
    if (year < 1970
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 60) {
      return UNREADABLE;
    }
    int at = 19;
    int millis = 0;
    if (at < length && stamp.charAt(at) == '.') {
      int scale = 100;
      int digit;
      int start = ++at;
      while (at < length && (digit = digit(stamp.charAt(at))) >= 0) {
        millis += digit * scale;
        scale /= 10;
        at++;
      }
      if (at == start) {
        return UNREADABLE;
      }
    }
    int offset = offset(stamp, at);
    if (offset == Integer.MIN_VALUE) {
      return UNREADABLE;
    }
    try {
      long days = LocalDate.of(year, month, day).toEpochDay();
      // A leap second counts as the one before it.
      long seconds = days * 86_400 + hour * 3600L + minute * 60L + Math.min(second, 59);
      return (seconds - offset) * 1000 + millis;
    } catch (DateTimeException e) {
      return UNREADABLE;
    }
  }

  /** The offset in seconds that stands from {@code at} on. */
  private static int offset(String stamp, int at) {
    int length = stamp.length() - at;
    if (length == 0 || (length == 1 && (stamp.charAt(at) == 'Z' || stamp.charAt(at) == 'z'))) {
      return ZoneOffset.UTC.getTotalSeconds();
    }
    char sign = stamp.charAt(at);
    if (sign != '+' && sign != '-') {
      return Integer.MIN_VALUE;
    }
    int hours = length >= 3 ? number(stamp, at + 1, 2) : -1;
    int minutes =
        switch (length) {
          case 3 -> 0;
          case 5 -> number(stamp, at + 3, 2);
          case 6 -> stamp.charAt(at + 3) == ':' ? number(stamp, at + 4, 2) : -1;
          default -> -1;
        };
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }

  private static int number(String text, int at, int digits) {
    int value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = digit(text.charAt(i));
      if (digit < 0) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : -1;
  }
}
