package io.cyphermesh.cli.node;

import com.google.gson.JsonPrimitive;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.support.FileEnd;
import io.cyphermesh.cli.support.Scrubber;
import io.cyphermesh.core.node.NodeSettings;
import io.cyphermesh.dashboard.ProcessView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the dashboard shows of the process, as the support bundle would: without secrets. */
final class ProcessFacts implements ProcessView {
  private static final long LOG_BYTES = 512 * 1024;

  /** How the library describes a value that is a variable's, and one of several parts. */
  private static final String ENVIRONMENT = "env variables";

  private static final String MERGED = "merge of ";
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
  private static final Pattern LINE =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T\\S{1,30} +(ERROR|WARN|INFO|DEBUG|TRACE) ");

  private final Settings settings;
  private final Map<String, String> environment;
  private final Config inForce;

  ProcessFacts(Settings settings, Map<String, String> environment) {
    this.settings = settings;
    this.environment = Map.copyOf(environment);
    this.inForce = settings.config().withFallback(NodeSettings.defaults());
  }

  /** Anew each time: a token may have been made meanwhile. */
  private Scrubber scrubber() {
    Set<String> known = new TreeSet<>();
    try {
      known.add(Files.readString(settings.data().token(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      // There is none to be known.
    }
    return Scrubber.knowing(known, environment, inForce.root());
  }

  @Override
  public List<Setting> settings() {
    Scrubber scrubber = scrubber();
    Map<String, Setting> found = new TreeMap<>();
    for (Scrubber.Shown shown : scrubber.shown(inForce)) {
      found.put(shown.path(), said(shown));
    }
    for (Settings.Overriding each : settings.overrides()) {
      List<String> values = each.values().stream().map(scrubber::scrub).toList();
      String json =
          each.path().equals("plugins-dir")
              ? values.stream().map(ProcessFacts::json).collect(Collectors.joining(",", "[", "]"))
              : json(values.getFirst());
      found.put(
          each.path(),
          new Setting(
              each.path(),
              json,
              each.origin().startsWith("--") ? Source.COMMAND_LINE : Source.ENVIRONMENT,
              Optional.of(each.origin()),
              !values.equals(each.values())));
    }
    return List.copyOf(found.values());
  }

  private static String json(String text) {
    return NUMBER.matcher(text).matches() || text.equals("true") || text.equals("false")
        ? text
        : Json.ascii(new JsonPrimitive(text));
  }

  private Setting said(Scrubber.Shown shown) {
    Optional<ConfigOrigin> origin = origin(shown.path());
    if (origin.filter(each -> each.description().equals(ENVIRONMENT)).isPresent()) {
      // The file names a variable; which one, the library does not keep.
      return new Setting(
          shown.path(), shown.json(), Source.ENVIRONMENT, Optional.empty(), shown.masked());
    }
    Optional<String> place =
        origin.filter(each -> each.resource() == null).flatMap(ProcessFacts::place);
    return new Setting(
        shown.path(),
        shown.json(),
        place.isPresent() ? Source.FILE : Source.DEFAULT,
        place,
        shown.masked());
  }

  private static Optional<String> place(ConfigOrigin origin) {
    String name = origin.filename();
    if (name != null) {
      return Optional.of(origin.lineNumber() > 0 ? name + ":" + origin.lineNumber() : name);
    }
    String described = origin.description();
    if (!described.startsWith(MERGED)) {
      return Optional.empty();
    }
    int end = described.indexOf(',');
    return Optional.of(
        described
            .substring(MERGED.length(), end < 0 ? described.length() : end)
            .replace(": ", ":"));
  }

  private Optional<ConfigOrigin> origin(String path) {
    try {
      return Optional.of(inForce.getValue(path).origin());
    } catch (ConfigException e) {
      // A name that is no path as it stands; it is masked, and who said it is not told.
      return Optional.empty();
    }
  }

  @Override
  public Log log(int lines) throws IOException {
    Path file = settings.data().logs().resolve("cyphermesh.log");
    if (!Files.exists(file)) {
      return new Log(Optional.empty(), List.of(), false);
    }
    Scrubber scrubber = scrubber();
    List<String> found = lines(scrubber, file);
    boolean more = Files.size(file) > LOG_BYTES;
    Path older = settings.data().logs().resolve("cyphermesh.1.log");
    if (found.size() < lines && !more && Files.exists(older)) {
      List<String> both = new ArrayList<>(lines(scrubber, older));
      both.addAll(found);
      found = both;
      more = true;
    }
    int from = Math.max(0, found.size() - lines);
    return new Log(Optional.of(file.toString()), told(found, from), more || from > 0);
  }

  private static List<String> lines(Scrubber scrubber, Path file) throws IOException {
    String text = scrubber.scrubLog(FileEnd.of(file, LOG_BYTES));
    return text.isEmpty() ? Collections.emptyList() : text.lines().toList();
  }

  private static List<Line> told(List<String> lines, int from) {
    List<Line> told = new ArrayList<>();
    Optional<String> level = Optional.empty();
    for (int i = 0; i < lines.size(); i++) {
      Matcher begin = LINE.matcher(lines.get(i));
      if (begin.lookingAt()) {
        level = Optional.of(begin.group(1));
      }
      if (i >= from) {
        told.add(new Line(level, lines.get(i)));
      }
    }
    return told;
  }
}
