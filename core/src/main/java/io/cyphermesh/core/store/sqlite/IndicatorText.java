package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.IpRange;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which indicators a text means. */
sealed interface IndicatorText {
  /** One to three whole numbers of an IPv4 address. */
  Pattern BEGIN = Pattern.compile("([0-9]{1,3}\\.){1,3}|([0-9]{1,3}\\.){1,2}[0-9]{1,3}");

  /** What addresses consist of. */
  Pattern IN_ADDRESSES = Pattern.compile("[0-9a-f:.]*");

  /** All. */
  record Any() implements IndicatorText {}

  /** Those of an address or a range. */
  record Addresses(IndicatorName.Range range) implements IndicatorText {}

  /** Those that contain it, of letters of either case. */
  record Part(String lower) implements IndicatorText {
    /** Whether no address contains it. */
    boolean isOfNoAddress() {
      return !IN_ADDRESSES.matcher(lower).matches();
    }
  }

  static IndicatorText of(Optional<String> given) {
    String text = given.map(String::strip).orElse("");
    if (text.isEmpty()) {
      return new Any();
    }
    try {
      return new Addresses(IndicatorName.Range.of(IpRange.parse(range(text))));
    } catch (IllegalArgumentException e) {
      return new Part(text.toLowerCase(Locale.ROOT));
    }
  }

  private static String range(String text) {
    if (!BEGIN.matcher(text).matches()) {
      return text;
    }
    String begin = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    int parts = begin.split("\\.", -1).length;
    return begin + ".0".repeat(4 - parts) + "/" + 8 * parts;
  }

  /** The names among which are all that are meant, where that is known. */
  default Optional<IndicatorName.Range> among() {
    return switch (this) {
      case Any _ -> Optional.empty();
      case Addresses(IndicatorName.Range range) -> Optional.of(range);
      case Part part ->
          part.isOfNoAddress() ? Optional.of(IndicatorName.Range.ofTexts()) : Optional.empty();
    };
  }

  /** Whether an indicator is meant. */
  default boolean matches(byte[] name) {
    return switch (this) {
      case Any _ -> true;
      case Addresses(IndicatorName.Range range) ->
          Arrays.compareUnsigned(range.least(), name) <= 0
              && Arrays.compareUnsigned(name, range.most()) <= 0;
      case Part(String lower) ->
          IndicatorName.observable(name)
              .filter(text -> text.toLowerCase(Locale.ROOT).contains(lower))
              .isPresent();
    };
  }
}
