package io.cyphermesh.core.protocol;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * The time that a timestamp tells.
 *
 * @param instant read as UTC
 * @param approximate whether it is in version 1's form, the reporter's local time of unknown zone
 */
public record EventTime(Instant instant, boolean approximate) {
  private static final DateTimeFormatter OURS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** Reads {@code YYYY-MM-DDTHH:MM:SS.mmmZ} or {@code YYYY-MM-DD HH:MM:SS}; empty for all else. */
  public static Optional<EventTime> parse(String text) {
    boolean ours =
        text.length() == 24
            && text.charAt(10) == 'T'
            && text.charAt(19) == '.'
            && text.charAt(23) == 'Z';
    boolean original = text.length() == 19 && text.charAt(10) == ' ';
    if ((!ours && !original)
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return Optional.empty();
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 2);
    int day = digits(text, 8, 2);
    int hour = digits(text, 11, 2);
    int minute = digits(text, 14, 2);
    int second = digits(text, 17, 2);
    int millis = ours ? digits(text, 20, 3) : 0;
    if ((year | month | day | hour | minute | second | millis) < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new EventTime(
              LocalDateTime.of(year, month, day, hour, minute, second, millis * 1_000_000)
                  .toInstant(ZoneOffset.UTC),
              original));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** How we write a time: UTC with milliseconds. */
  public static String format(Instant instant) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    if (time.getYear() < 0 || time.getYear() > 9999) {
      return OURS.format(instant);
    }
    // Every frame has one: four times as fast as the formatter.
    byte[] text = "0000-00-00T00:00:00.000Z".getBytes(StandardCharsets.US_ASCII);
    put(text, 0, 4, time.getYear());
    put(text, 5, 2, time.getMonthValue());
    put(text, 8, 2, time.getDayOfMonth());
    put(text, 11, 2, time.getHour());
    put(text, 14, 2, time.getMinute());
    put(text, 17, 2, time.getSecond());
    put(text, 20, 3, instant.getNano() / 1_000_000);
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static void put(byte[] text, int from, int count, int value) {
    int rest = value;
    for (int i = from + count - 1; i >= from; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  private static int digits(String text, int from, int count) {
    int value = 0;
    for (int i = from; i < from + count; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
