package io.cyphermesh.logwatch;

import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Reads the stamp at the start of a log line: classic syslog ({@code Dec 10 06:55:46}), RFC 3339
 * ({@code 2026-11-22T10:00:00.123456+01:00}), and the same with a blank or without a zone.
 *
 * <p>A classic stamp names no year: it is the most recent one that is not more than a day ahead of
 * the clock. Not thread-safe.
 */
final class LogTime {

  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final long DAY_MILLIS = 86_400_000;
  private static final long UNREADABLE = Long.MIN_VALUE;

  private final ZoneId zone;
  private final InstantSource clock;

  private String cachedStamp = "";
  private long cachedMillis = UNREADABLE;

  LogTime(ZoneId zone, InstantSource clock) {
    this.zone = zone;
    this.clock = clock;
  }

  /**
   * The time of the stamp that {@code line} has before {@code end}, in milliseconds since 1970; the
   * clock's where it is unreadable or more than a day ahead.
   */
  long millis(String line, int start, int end) {
    int length = end - start;
    // A burst of attempts falls into few seconds, and its stamps are the same text.
    if (length == cachedStamp.length() && line.startsWith(cachedStamp, start)) {
      return cachedMillis;
    }
    long now = clock.millis();
    long millis;
    try {
      millis =
          length > 4 && line.charAt(start + 4) == '-'
              ? iso(line, start, end)
              : classic(line, start, end, now);
    } catch (DateTimeException e) {
      millis = UNREADABLE;
    }
    if (millis == UNREADABLE || millis > now + DAY_MILLIS) {
      return now;
    }
    cachedStamp = line.substring(start, end);
    cachedMillis = millis;
    return millis;
  }

  private long classic(String line, int start, int end, long now) {
    if (end - start < 15) {
      return UNREADABLE;
    }
    int month = MONTHS.indexOf(line.substring(start, start + 3));
    int tens = line.charAt(start + 4) == ' ' ? 0 : digit(line, start + 4);
    int ones = digit(line, start + 5);
    int secondOfDay = secondOfDay(line, start + 7);
    int millis = fraction(line, start + 15, end);
    if (month < 0 || month % 3 != 0 || tens < 0 || ones < 0 || secondOfDay < 0 || millis < 0) {
      return UNREADABLE;
    }
    month = month / 3 + 1;
    int day = tens * 10 + ones;
    int year = LocalDateTime.ofEpochSecond(now / 1000, 0, ZoneOffset.UTC).getYear() + 1;
    // Eight years hold a February 29 even around 2100, which is no leap year.
    for (int tried = 0; tried <= 9; tried++, year--) {
      if (day <= daysOf(month, year)) {
        long time = local(year, month, day, secondOfDay) + millis;
        if (time <= now + DAY_MILLIS) {
          return time;
        }
      }
    }
    return UNREADABLE;
  }

  private long iso(String line, int start, int end) {
    if (end - start < 19) {
      return UNREADABLE;
    }
    int year = number(line, start, 4);
    int month = line.charAt(start + 7) == '-' ? number(line, start + 5, 2) : -1;
    int day = number(line, start + 8, 2);
    char between = line.charAt(start + 10);
    int secondOfDay = secondOfDay(line, start + 11);
    if (year < 1970
        || month < 1
        || month > 12
        || day < 1
        || day > daysOf(month, year)
        || (between != 'T' && between != 't' && between != ' ')
        || secondOfDay < 0) {
      return UNREADABLE;
    }
    int offsetAt = start + 19;
    while (offsetAt < end && "Zz+-".indexOf(line.charAt(offsetAt)) < 0) {
      offsetAt++;
    }
    int millis = fraction(line, start + 19, offsetAt);
    if (millis < 0) {
      return UNREADABLE;
    }
    if (offsetAt == end) {
      return local(year, month, day, secondOfDay) + millis;
    }
    int offset = offset(line, offsetAt, end);
    if (offset == Integer.MIN_VALUE) {
      return UNREADABLE;
    }
    long utc = LocalDateTime.of(year, month, day, 0, 0).toEpochSecond(ZoneOffset.UTC);
    return (utc + secondOfDay - offset) * 1000 + millis;
  }

  /** A local time that a change of the clocks skips is read as the one behind the gap. */
  private long local(int year, int month, int day, int secondOfDay) {
    LocalDateTime time = LocalDateTime.of(year, month, day, 0, 0).plusSeconds(secondOfDay);
    return time.atZone(zone).toEpochSecond() * 1000;
  }

  /** {@code Z}, {@code +01:00}, {@code +0100} or {@code +01} as seconds. */
  private static int offset(String line, int at, int end) {
    char sign = line.charAt(at);
    if (sign == 'Z' || sign == 'z') {
      return at + 1 == end ? 0 : Integer.MIN_VALUE;
    }
    int length = end - at;
    int hours = length >= 3 ? number(line, at + 1, 2) : -1;
    int minutes =
        switch (length) {
          case 3 -> 0;
          case 5 -> number(line, at + 3, 2);
          case 6 -> line.charAt(at + 3) == ':' ? number(line, at + 4, 2) : -1;
          default -> -1;
        };
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }

  /** {@code hh:mm:ss} as seconds, a leap second as the one before it; -1 if it is not that. */
  private static int secondOfDay(String line, int at) {
    int hour = number(line, at, 2);
    int minute = number(line, at + 3, 2);
    int second = number(line, at + 6, 2);
    if (" Tt".indexOf(line.charAt(at - 1)) < 0
        || line.charAt(at + 2) != ':'
        || line.charAt(at + 5) != ':'
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 60) {
      return -1;
    }
    return hour * 3600 + minute * 60 + Math.min(second, 59);
  }

  /** The milliseconds of nothing, {@code .123456} or {@code ,123}; -1 if it is none of these. */
  private static int fraction(String line, int at, int end) {
    if (at == end) {
      return 0;
    }
    char point = line.charAt(at);
    if ((point != '.' && point != ',') || at + 1 == end || end - at > 10) {
      return -1;
    }
    int millis = 0;
    for (int i = 1; i < end - at || i <= 3; i++) {
      int digit = at + i < end ? digit(line, at + i) : 0;
      if (digit < 0) {
        return -1;
      }
      if (i <= 3) {
        millis = millis * 10 + digit;
      }
    }
    return millis;
  }

  private static int number(String line, int at, int digits) {
    int value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = digit(line, i);
      if (digit < 0) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static int digit(String line, int at) {
    char c = line.charAt(at);
    return c >= '0' && c <= '9' ? c - '0' : -1;
  }

  private static int daysOf(int month, int year) {
    return switch (month) {
      case 2 -> Year.isLeap(year) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }
}
