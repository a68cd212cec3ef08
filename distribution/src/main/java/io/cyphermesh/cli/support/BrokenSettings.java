package io.cyphermesh.cli.support;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What can be had of settings that are not valid.
 *
 * @param config what the file says, unchecked; empty if it is no HOCON
 * @param secrets what its lines give under names of secrets, and in addresses
 */
public record BrokenSettings(Optional<Config> config, Set<String> secrets) {
  private static final Pattern SECTION = Pattern.compile("([A-Za-z0-9_.\"-]{1,80}+)\\s{0,8}+\\{");
  private static final Pattern PLACE =
      Pattern.compile("\\A(.{0,4096}?:[0-9]{1,9}|[^:']{1,4096}+)(?=:|\\z)");

  public BrokenSettings {
    secrets = Set.copyOf(secrets);
  }

  /** Reads the file as far as it goes. */
  public static BrokenSettings read(Path file) {
    Set<String> secrets = new TreeSet<>();
    if (!Files.isRegularFile(file)) {
      return new BrokenSettings(Optional.empty(), secrets);
    }
    try {
      collect(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), secrets);
    } catch (IOException e) {
      // Then nothing of it is in the bundle either.
    }
    try {
      return new BrokenSettings(
          Optional.of(ConfigFactory.parseFile(file.toFile()).resolve()), secrets);
    } catch (ConfigException | StackOverflowError e) {
      return new BrokenSettings(Optional.empty(), secrets);
    }
  }

  /** Where the fault is. What is wrong would quote a value, which may be a secret. */
  public static String place(String fault) {
    Matcher place = PLACE.matcher(fault);
    return place.find() ? place.group(1) : "the settings";
  }

  private static void collect(String text, Set<String> secrets) {
    int depth = 0;
    boolean quoted = false;
    for (String line : text.split("\\R", -1)) {
      Addresses.collect(line, secrets);
      if (quoted || depth > 0) {
        pieces(line, secrets);
        quoted ^= triples(line) % 2 == 1;
        depth = quoted ? depth : Math.max(0, depth + opened(line));
        continue;
      }
      int from = secretValue(line);
      if (from >= 0) {
        String value = line.substring(from);
        pieces(value, secrets);
        quoted = triples(value) % 2 == 1;
        depth = Math.max(0, opened(value));
      }
    }
  }

  /** Where the first value under a secret's name begins; -1 where there is none. */
  private static int secretValue(String line) {
    int found = -1;
    for (int i = 0; i < line.length() && found < 0; i++) {
      char c = line.charAt(i);
      if (c == '=' || c == ':') {
        String name = Fields.nameBefore(line, i, 0);
        if (isSecret(name)) {
          found = i + 1;
        }
      }
    }
    Matcher section = SECTION.matcher(line);
    while (section.find()) {
      if (isSecret(section.group(1).replace("\"", ""))) {
        return found < 0 ? section.end() - 1 : Math.min(found, section.end() - 1);
      }
    }
    return found;
  }

  private static boolean isSecret(String name) {
    return SecretNames.isSecret(name) || name.equals("keys") || name.endsWith(".keys");
  }

  /** The rest of a line as it may have been meant: whole, without its quotes, and in parts. */
  private static void pieces(String rest, Set<String> secrets) {
    add(rest, secrets);
    int comment = Math.max(rest.indexOf(" #"), rest.indexOf(" //"));
    if (comment >= 0) {
      add(rest.substring(0, comment), secrets);
    }
    for (String part : rest.split("[,\\[\\]{}]", -1)) {
      add(part, secrets);
      int separator = part.indexOf('=') >= 0 ? part.indexOf('=') : part.indexOf(':');
      if (separator >= 0) {
        add(part.substring(separator + 1), secrets);
      }
    }
    for (String part : rest.split("[\"']", -1)) {
      add(part, secrets);
    }
  }

  private static void add(String text, Set<String> secrets) {
    int from = 0;
    int end = text.length();
    while (from < end && " \t\"',;=:[]{}".indexOf(text.charAt(from)) >= 0) {
      from++;
    }
    while (end > from && " \t\"',;[]{}".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    String bare = text.substring(from, end);
    if (!Set.of("", "true", "false", "null").contains(bare)) {
      secrets.add(bare);
    }
  }

  private static int triples(String line) {
    return line.split("\"\"\"", -1).length - 1;
  }

  private static int opened(String line) {
    int depth = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    }
    return depth;
  }
}
