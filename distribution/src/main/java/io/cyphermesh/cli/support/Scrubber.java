package io.cyphermesh.cli.support;

import com.google.gson.Gson;
import com.google.gson.JsonPrimitive;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.cyphermesh.cli.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Takes secrets out of texts: those that it was told of, wherever they stand, and what looks like
 * one. It would rather take too much. What it does takes time in proportion to a text's length,
 * whoever wrote it: logs hold what strangers sent.
 */
public final class Scrubber {
  static final String REMOVED = "[removed]";

  /** As JSON. */
  private static final String WHOLE = '"' + REMOVED + '"';

  /** Shorter ones stand in many words. */
  private static final int LEAST = 4;

  /** A private key has fewer lines; one that never ends must not take a whole log. */
  private static final int LONGEST_KEY = 200;

  private static final int LONGEST_LINE = 16 * 1024;

  private static final Pattern KEY_BEGIN =
      Pattern.compile("-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----");
  private static final Pattern KEY_END = Pattern.compile("-----END [A-Z ]{0,40}-----");
  private static final Pattern BEARER =
      Pattern.compile("\\b(Bearer|Basic)\\s{1,8}+[A-Za-z0-9+/=._~-]++", Pattern.CASE_INSENSITIVE);
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final Gson RAW = new Gson();

  private final List<String> secrets;
  private final List<Pattern> numbers;
  private final long tooShort;

  private Scrubber(Set<String> found) {
    Set<String> forms = new TreeSet<>();
    found.stream()
        .filter(each -> each.length() >= LEAST)
        .forEach(each -> forms.addAll(formsOf(each)));
    this.secrets =
        forms.stream()
            .filter(each -> !DIGITS.matcher(each).matches())
            // A secret may be part of another.
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    // Those must not tear apart longer numbers, such as times.
    this.numbers =
        forms.stream()
            .filter(each -> DIGITS.matcher(each).matches())
            .map(each -> Pattern.compile("(?<![0-9])" + each + "(?![0-9])"))
            .toList();
    this.tooShort = found.stream().filter(each -> !each.isEmpty() && each.length() < LEAST).count();
  }

  /** How a secret may be written in JSON, settings and addresses. */
  private static Set<String> formsOf(String secret) {
    Set<String> forms = new TreeSet<>();
    forms.add(secret);
    forms.add(secret.strip());
    String ascii = inner(Json.ascii(new JsonPrimitive(secret)));
    forms.add(ascii);
    forms.add(upperHex(ascii));
    forms.add(inner(RAW.toJson(secret)));
    forms.add(inner(ConfigUtil.quoteString(secret)));
    forms.add(ascii.replace("/", "\\/"));
    String url = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    forms.add(url);
    forms.add(url.replace("+", "%20"));
    forms.removeIf(each -> each.length() < LEAST);
    return forms;
  }

  private static String inner(String quoted) {
    return quoted.substring(1, quoted.length() - 1);
  }

  private static String upperHex(String ascii) {
    return Pattern.compile("(?<=\\\\u)[0-9a-f]{4}")
        .matcher(ascii)
        .replaceAll(match -> match.group().toUpperCase(Locale.ROOT));
  }

  /**
   * A scrubber that knows some secrets.
   *
   * @param known as they are
   * @param environment variables, of which those with a name that says so are secrets
   * @param config settings, of which some are secrets
   */
  public static Scrubber knowing(
      Set<String> known, Map<String, String> environment, ConfigObject config) {
    Set<String> secrets = new TreeSet<>(known);
    environment.forEach(
        (name, value) -> {
          if (SecretNames.isSecretVariable(name)) {
            add(value, secrets);
          }
          Addresses.collect(value, secrets);
        });
    collect(config, false, secrets);
    return new Scrubber(secrets);
  }

  private static void add(String value, Set<String> secrets) {
    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
      secrets.add(value);
    }
  }

  private static void collect(ConfigValue value, boolean secret, Set<String> secrets) {
    switch (value) {
      case ConfigObject object ->
          object.forEach((key, each) -> collect(each, secret || isSecret(key, each), secrets));
      case ConfigList list -> list.forEach(each -> collect(each, secret, secrets));
      default -> {
        String text = String.valueOf(value.unwrapped());
        if (secret && value.valueType() == ConfigValueType.STRING) {
          add(text, secrets);
        } else if (secret && value.valueType() == ConfigValueType.NUMBER) {
          secrets.add(text);
          // As it was written, with its zeros.
          secrets.add(value.atKey("number").getString("number"));
        }
        Addresses.collect(text, secrets);
      }
    }
  }

  private static boolean isSecret(String key, ConfigValue value) {
    return SecretNames.isSecret(key)
        || (key.equals("keys") && value.valueType() != ConfigValueType.NUMBER);
  }

  private static String concise(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  /** What it could not do, for those who read the texts; empty where there is nothing to say. */
  public List<String> notes() {
    return tooShort == 0
        ? List.of()
        : List.of(
            tooShort
                + " secrets, or parts of addresses, are shorter than "
                + LEAST
                + " characters: they are removed only where their names stand before them");
  }

  /** The text without secrets. */
  public String scrub(String text) {
    String clean = text;
    for (String secret : secrets) {
      clean = clean.replace(secret, REMOVED);
    }
    for (Pattern number : numbers) {
      clean = number.matcher(clean).replaceAll(REMOVED);
    }
    StringBuilder out = new StringBuilder(clean.length());
    int keyLines = 0;
    int from = 0;
    while (from < clean.length()) {
      int newline = clean.indexOf('\n', from);
      int end = newline < 0 ? clean.length() : newline;
      String line = clean.substring(from, end);
      if (keyLines > 0) {
        var last = KEY_END.matcher(line);
        if (last.find()) {
          keyLines = 0;
          out.append(scrubLine(line.substring(last.end())));
        } else {
          keyLines--;
        }
      } else {
        String rest = withoutKeys(line);
        out.append(scrubLine(rest));
        keyLines = rest.length() < line.length() && endsInKey(line) ? LONGEST_KEY : 0;
      }
      if (newline >= 0 && keyLines == 0) {
        out.append('\n');
      }
      from = end + 1;
    }
    return out.toString();
  }

  private static String withoutKeys(String line) {
    var begin = KEY_BEGIN.matcher(line);
    var end = KEY_END.matcher(line);
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (begin.find(from)) {
      out.append(line, from, begin.start()).append(REMOVED);
      if (!end.find(begin.end())) {
        return out.toString();
      }
      from = end.end();
    }
    return out.append(line, from, line.length()).toString();
  }

  private static boolean endsInKey(String line) {
    int begin = line.lastIndexOf("-----BEGIN ");
    return begin >= 0 && !KEY_END.matcher(line).region(begin, line.length()).find();
  }

  private static String scrubLine(String line) {
    return Addresses.scrub(Fields.scrub(BEARER.matcher(line).replaceAll("$1 " + REMOVED)));
  }

  /** Lines of strangers, scrubbed, cut where they are longer than anybody reads. */
  public String scrubLog(String text) {
    StringBuilder out = new StringBuilder();
    String clean = scrub(text);
    int from = 0;
    while (from < clean.length()) {
      int newline = clean.indexOf('\n', from);
      int end = newline < 0 ? clean.length() : newline;
      if (end - from > LONGEST_LINE) {
        out.append(clean, from, from + LONGEST_LINE)
            .append("[cut: ")
            .append(end - from - LONGEST_LINE)
            .append(" more characters]");
      } else {
        out.append(clean, from, end);
      }
      if (newline >= 0) {
        out.append('\n');
      }
      from = end + 1;
    }
    return out.toString();
  }

  /** Settings as {@code key = value}, a line each, secrets removed. */
  public String settings(Config config) {
    StringBuilder text = new StringBuilder();
    for (Shown each : shown(config)) {
      text.append(each.path())
          .append(" = ")
          .append(each.json().equals(WHOLE) ? REMOVED : each.json())
          .append('\n');
    }
    return text.toString();
  }

  /**
   * A setting as it may be shown.
   *
   * @param path its name; where names below may be secret, that of what they are below
   * @param json its value, secrets removed
   * @param masked whether anything was removed
   */
  public record Shown(String path, String json, boolean masked) {}

  /** Settings by path, secrets removed. */
  public List<Shown> shown(Config config) {
    Map<String, Shown> found = new TreeMap<>();
    config
        .entrySet()
        .forEach(
            entry -> {
              StringBuilder path = new StringBuilder();
              for (String key : ConfigUtil.splitPath(entry.getKey())) {
                path.append(path.isEmpty() ? "" : ".").append(key);
                if (isSecret(key, entry.getValue())) {
                  // Names below may be secrets as well.
                  found.put(path.toString(), new Shown(path.toString(), WHOLE, true));
                  return;
                }
              }
              String json = concise(redacted(entry.getValue()));
              found.put(
                  entry.getKey(),
                  new Shown(entry.getKey(), json, !json.equals(concise(entry.getValue()))));
            });
    return List.copyOf(found.values());
  }

  private ConfigValue redacted(ConfigValue value) {
    return switch (value) {
      case ConfigObject object -> {
        Map<String, ConfigValue> clean = new TreeMap<>();
        object.forEach(
            (key, each) ->
                clean.put(
                    key,
                    isSecret(key, each) ? ConfigValueFactory.fromAnyRef(REMOVED) : redacted(each)));
        yield ConfigValueFactory.fromMap(clean);
      }
      case ConfigList list ->
          ConfigValueFactory.fromIterable(list.stream().map(this::redacted).toList());
      default ->
          value.valueType() == ConfigValueType.STRING
              ? ConfigValueFactory.fromAnyRef(scrub(String.valueOf(value.unwrapped())))
              : value;
    };
  }

  /** Variables as {@code NAME=VALUE}, a line each, secrets removed. */
  public String variables(Map<String, String> variables) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(variables)
        .forEach(
            (name, value) ->
                text.append(name)
                    .append('=')
                    .append(SecretNames.isSecretVariable(name) ? REMOVED : scrub(value))
                    .append('\n'));
    return text.toString();
  }
}
