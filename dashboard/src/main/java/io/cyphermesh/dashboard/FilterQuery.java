package io.cyphermesh.dashboard;

import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.jooby.Context;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The query parameters by which events are filtered. */
final class FilterQuery {
  private static final int MOST_TEXT = 200;

  /** No event on the wire is larger. */
  private static final int MOST_TYPE = 16 * 1024;

  private FilterQuery() {}

  /** What they are, for the table of endpoints. */
  static Parameter[] parameters() {
    return new Parameter[] {
      text("address", "Only of this IP address or range, for instance 192.0.2.0/24"),
      text("type", MOST_TYPE, "Only of this threat type, exactly"),
      new Parameter(
          "severity",
          "query",
          "{\"type\":\"string\"}",
          "Only of these, with commas between: low, medium, high, critical, unknown"),
      new Parameter(
          "reporter",
          "query",
          "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}",
          "Only of this reporter: its node id"),
      text(
          "detector",
          "Only found by this detector: details.detector.plugin, or details.detector where it is a text"),
      new Parameter(
          "since",
          "query",
          "{\"type\":\"string\",\"format\":\"date-time\"}",
          "Only whose own time is not before"),
      new Parameter(
          "until",
          "query",
          "{\"type\":\"string\",\"format\":\"date-time\"}",
          "Only whose own time is before"),
      new Parameter(
          "tlp",
          "query",
          "{\"enum\":[\"clear\",\"green\",\"amber\",\"red\"]}",
          "Only of this marking; events without one are clear"),
      text("text", "Only with this in source_ip, threat_type or details.description"),
      new Parameter(
          "local",
          "query",
          "{\"type\":\"boolean\"}",
          "Only those that this node reported, or only the others")
    };
  }

  private static Parameter text(String name, String description) {
    return text(name, MOST_TEXT, description);
  }

  private static Parameter text(String name, int most, String description) {
    return new Parameter(
        name, "query", "{\"type\":\"string\",\"maxLength\":" + most + "}", description);
  }

  /**
   * Reads them.
   *
   * @throws Problem 400 that names the parameter which is wrong
   */
  static EventFilter read(Context request) {
    Optional<IpRange> address = one(request, "address").map(value -> address(value));
    Set<Severity> severities =
        one(request, "severity").map(FilterQuery::severities).orElse(EventFilter.ALL.severities());
    return new EventFilter(
        address,
        exact(request, "type", MOST_TYPE),
        severities,
        one(request, "reporter").map(FilterQuery::reporter),
        exact(request, "detector", MOST_TEXT),
        one(request, "since").map(value -> time("since", value)),
        one(request, "until").map(value -> time("until", value)),
        one(request, "tlp").map(FilterQuery::tlp),
        one(request, "text"),
        one(request, "local").map(FilterQuery::flag));
  }

  /** One value of a parameter; empty where it is not given or blank. */
  static Optional<String> one(Context request, String name) {
    return given(request, name, MOST_TEXT).map(String::strip).filter(value -> !value.isEmpty());
  }

  /** The same, where blanks around it count: what others wrote may have them. */
  private static Optional<String> exact(Context request, String name, int most) {
    return given(request, name, most).filter(value -> !value.isEmpty());
  }

  private static Optional<String> given(Context request, String name, int most) {
    List<String> values = request.query(name).toList();
    if (values.isEmpty()) {
      return Optional.empty();
    }
    String value = values.getFirst();
    if (values.size() > 1) {
      throw Problem.ofField(name, "'" + name + "' is given twice");
    }
    if (value.length() > most) {
      throw Problem.ofField(name, "'" + name + "' has at most " + most + " characters");
    }
    // The database would take it for the end of the text.
    if (value.indexOf('\0') >= 0) {
      throw Problem.ofField(name, "'" + name + "' has a NUL in it");
    }
    return Optional.of(value);
  }

  /** One of the constants of an enumeration, written in lower case. */
  static <E extends Enum<E>> E constant(Class<E> type, String name, String value) {
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.ofField(
                    name,
                    "'"
                        + name
                        + "' is one of "
                        + String.join(
                            ", ",
                            Arrays.stream(type.getEnumConstants())
                                .map(each -> each.name().toLowerCase(Locale.ROOT))
                                .toList())));
  }

  private static IpRange address(String value) {
    try {
      return IpRange.parse(value);
    } catch (IllegalArgumentException e) {
      throw Problem.ofField(
          "address", "'address' is an IP address or a range such as 192.0.2.0/24 or 2001:db8::/32");
    }
  }

  private static Set<Severity> severities(String value) {
    EnumSet<Severity> severities = EnumSet.noneOf(Severity.class);
    for (String each : value.split(",", -1)) {
      severities.add(constant(Severity.class, "severity", each.strip()));
    }
    return severities;
  }

  private static NodeId reporter(String value) {
    try {
      return new NodeId(value);
    } catch (IllegalArgumentException e) {
      throw Problem.ofField(
          "reporter", "'reporter' is a node id: 64 lower-case hexadecimal digits");
    }
  }

  private static Instant time(String name, String value) {
    try {
      Instant time = OffsetDateTime.parse(value).toInstant();
      // Beyond these no event is, and milliseconds would not fit.
      if (time.isAfter(Instant.EPOCH.minusSeconds(1))
          && time.isBefore(Instant.parse("9999-12-31T00:00:00Z"))) {
        return time;
      }
    } catch (DateTimeParseException e) {
      // told below
    }
    throw Problem.ofField(name, "'" + name + "' is a time such as 2026-11-22T10:00:00Z");
  }

  private static Tlp tlp(String value) {
    return constant(Tlp.class, "tlp", value);
  }

  private static Boolean flag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw Problem.ofField("local", "'local' is true or false");
    };
  }
}
