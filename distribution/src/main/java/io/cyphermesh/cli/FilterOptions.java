package io.cyphermesh.cli;

import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.view.EventFilter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which events are meant. */
final class FilterOptions {
  private static final Pattern AGO = Pattern.compile("([0-9]{1,5})([smhd])");

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "Only of this IP address or range, for instance 192.0.2.0/24.")
  private @Nullable String address;

  @Option(names = "--type", paramLabel = "TYPE", description = "Only of this threat type.")
  private @Nullable String type;

  @Option(
      names = "--severity",
      paramLabel = "SEVERITY",
      description = "Only of these, with commas between: low, medium, high, critical, unknown.")
  private @Nullable String severity;

  @Option(
      names = "--reporter",
      paramLabel = "NODE",
      description = "Only of this reporter: its node id.")
  private @Nullable String reporter;

  @Option(
      names = "--detector",
      paramLabel = "NAME",
      description = "Only found by this detector, for instance log-watcher.")
  private @Nullable String detector;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only since then: 2026-11-22, 2026-11-22T10:00:00Z, or 90m, 24h, 7d ago.")
  private @Nullable String since;

  @Option(names = "--until", paramLabel = "TIME", description = "Only before then.")
  private @Nullable String until;

  @Option(
      names = "--tlp",
      paramLabel = "TLP",
      description = "Only of this marking: clear, green, amber, red.")
  private @Nullable String tlp;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "Only with this in source, type or description.")
  private @Nullable String text;

  @Option(names = "--local", description = "Only those that this node reported.")
  private boolean local;

  /**
   * What they mean.
   *
   * @throws CommandFailure that names the option which is wrong
   */
  EventFilter filter(Instant now) {
    return new EventFilter(
        read("--address", address, "an IP address or a range such as 192.0.2.0/24", IpRange::parse),
        Optional.ofNullable(type),
        read(
                "--severity",
                severity,
                "low, medium, high, critical or unknown, with commas between",
                FilterOptions::severities)
            .orElse(EventFilter.ALL.severities()),
        read("--reporter", reporter, "a node id: 64 hexadecimal digits", NodeId::new),
        Optional.ofNullable(detector),
        read("--since", since, "a time such as 2026-11-22T10:00:00Z or 24h", at(now)),
        read("--until", until, "a time such as 2026-11-22T10:00:00Z or 24h", at(now)),
        read(
            "--tlp",
            tlp,
            "clear, green, amber or red",
            value -> Tlp.of(value).orElseThrow(IllegalArgumentException::new)),
        Optional.ofNullable(text),
        local ? Optional.of(true) : Optional.empty());
  }

  private static <T> Optional<T> read(
      String option, @Nullable String value, String form, Function<String, T> reader) {
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(value.strip()));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw CommandFailure.usage(option + ": give " + form);
    }
  }

  private static Set<Severity> severities(String value) {
    EnumSet<Severity> severities = EnumSet.noneOf(Severity.class);
    for (String each : value.split(",", -1)) {
      severities.add(Severity.valueOf(each.strip().toUpperCase(Locale.ROOT)));
    }
    return severities;
  }

  private static Function<String, Instant> at(Instant now) {
    return value -> {
      Matcher ago = AGO.matcher(value);
      if (ago.matches()) {
        long count = Long.parseLong(ago.group(1));
        return now.minus(
            switch (ago.group(2)) {
              case "s" -> Duration.ofSeconds(count);
              case "m" -> Duration.ofMinutes(count);
              case "h" -> Duration.ofHours(count);
              default -> Duration.ofDays(count);
            });
      }
      return value.indexOf('T') < 0
          ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(value).toInstant();
    };
  }

  /** A filter as the query of a request, each parameter behind an ampersand. */
  static String query(EventFilter filter) {
    TreeMap<String, String> parameters = new TreeMap<>();
    filter.address().ifPresent(range -> parameters.put("address", cidr(range)));
    filter.type().ifPresent(value -> parameters.put("type", value));
    if (!filter.severities().equals(EventFilter.ALL.severities())) {
      parameters.put(
          "severity",
          filter.severities().stream()
              .sorted()
              .map(Severity::label)
              .collect(Collectors.joining(",")));
    }
    filter.reporter().ifPresent(value -> parameters.put("reporter", value.hex()));
    filter.detector().ifPresent(value -> parameters.put("detector", value));
    filter.since().ifPresent(value -> parameters.put("since", value.toString()));
    filter.until().ifPresent(value -> parameters.put("until", value.toString()));
    filter.tlp().ifPresent(value -> parameters.put("tlp", value.label()));
    filter.text().ifPresent(value -> parameters.put("text", value));
    filter.local().ifPresent(value -> parameters.put("local", value.toString()));
    return parameters.entrySet().stream()
        .map(
            each ->
                "&"
                    + each.getKey()
                    + "="
                    + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining());
  }

  private static String cidr(IpRange range) {
    return range.base() + "/" + (range.base().isV4() ? range.bits() - 96 : range.bits());
  }
}
