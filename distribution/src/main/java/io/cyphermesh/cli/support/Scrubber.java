package io.cyphermesh.cli.support;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Takes secrets out of texts: those that it was told of, wherever they stand, and what looks like
 * one. It would rather take too much.
 */
public final class Scrubber {
  static final String REMOVED = "[removed]";

  /** Shorter ones stand in many words. */
  private static final int LEAST = 4;

  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "secret|passw|passphrase|token|credential|api-?_?key|private|authori[sz]ation|cookie|headers?\\b|signature-key|hmac",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(-----END [A-Z ]*-----|\\z)");
  private static final Pattern BEARER =
      Pattern.compile("\\b(Bearer|Basic)\\s+[A-Za-z0-9+/=._~-]+", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAMED =
      Pattern.compile(
          "((?:secret|passw(?:or)?d|passphrase|token|credentials?|api[-_]?key|authori[sz]ation|(?:set-)?cookie)[A-Za-z0-9_-]*\\\\?[\"']?\\s*[:=]\\s*)"
              + "(\\\\?\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^\\s,;}\"']+)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern USER_INFO = Pattern.compile("(://)[^/\\s@\"']+@");
  private static final Pattern QUERY =
      Pattern.compile(
          "(\\b[a-z][a-z0-9+.-]*://[^\\s?\"'<>]+)\\?[^\\s\"'<>]*", Pattern.CASE_INSENSITIVE);

  private final List<String> secrets;

  private Scrubber(Set<String> secrets) {
    this.secrets =
        secrets.stream()
            .filter(each -> each.length() >= LEAST)
            // A secret may be part of another.
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  /**
   * A scrubber that knows some secrets.
   *
   * @param known as they are
   * @param environment variables, of which those with a name that says so are secrets
   * @param config settings, of which some are secrets
   */
  public static Scrubber knowing(
      List<String> known, Map<String, String> environment, ConfigObject config) {
    Set<String> secrets = new TreeSet<>(known);
    environment.forEach(
        (name, value) -> {
          if (SECRET_KEY.matcher(name).find()) {
            secrets.add(value);
          }
        });
    collect(config, false, secrets);
    return new Scrubber(secrets);
  }

  private static void collect(ConfigValue value, boolean secret, Set<String> secrets) {
    switch (value) {
      case ConfigObject object ->
          object.forEach(
              (key, each) -> collect(each, secret || SECRET_KEY.matcher(key).find(), secrets));
      case ConfigList list -> list.forEach(each -> collect(each, secret, secrets));
      default -> {
        String text = String.valueOf(value.unwrapped());
        if (secret && value.valueType() == ConfigValueType.STRING) {
          secrets.add(text);
        }
        hidden(text).forEach(secrets::add);
      }
    }
  }

  /** What of an address may be a secret: who asks, what for, and for some services where. */
  private static List<String> hidden(String text) {
    List<String> hidden = new ArrayList<>();
    if (text.contains("://")) {
      try {
        URI uri = new URI(text);
        if (uri.getRawUserInfo() != null) {
          hidden.add(uri.getRawUserInfo());
          hidden.addAll(List.of(uri.getRawUserInfo().split(":", -1)));
        }
        if (uri.getRawQuery() != null) {
          hidden.add(uri.getRawQuery());
        }
        if (uri.getRawPath() != null && uri.getRawPath().length() > 1) {
          hidden.add(uri.getRawPath().substring(1));
        }
      } catch (URISyntaxException e) {
        hidden.add(text);
      }
    }
    return hidden;
  }

  /** The text without secrets. */
  public String scrub(String text) {
    String clean = text;
    for (String secret : secrets) {
      clean = clean.replace(secret, REMOVED);
    }
    clean = PEM.matcher(clean).replaceAll(REMOVED);
    clean = BEARER.matcher(clean).replaceAll("$1 " + REMOVED);
    clean = NAMED.matcher(clean).replaceAll("$1" + REMOVED);
    clean = USER_INFO.matcher(clean).replaceAll("$1" + REMOVED + "@");
    return QUERY.matcher(clean).replaceAll("$1?" + REMOVED);
  }

  /** Settings as {@code key = value}, a line each, secrets removed. */
  public String settings(Config config) {
    Map<String, String> lines = new TreeMap<>();
    config
        .entrySet()
        .forEach(
            entry ->
                lines.put(
                    entry.getKey(),
                    SECRET_KEY.matcher(entry.getKey()).find()
                        ? REMOVED
                        : scrub(entry.getValue().render())));
    StringBuilder text = new StringBuilder();
    lines.forEach((key, value) -> text.append(key).append(" = ").append(value).append('\n'));
    return text.toString();
  }

  /** Variables as {@code NAME=VALUE}, a line each, secrets removed. */
  public String variables(Map<String, String> variables) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(variables)
        .forEach(
            (name, value) ->
                text.append(name)
                    .append('=')
                    .append(SECRET_KEY.matcher(name).find() ? REMOVED : scrub(value))
                    .append('\n'));
    return text.toString();
  }
}
