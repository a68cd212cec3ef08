package io.cyphermesh.cli.support;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells by the name of a setting, variable, header or field whether its value is a secret. */
final class SecretNames {
  /** These say so wherever they stand in a name. */
  private static final Pattern ANYWHERE =
      Pattern.compile(
          "secret|passw|passphrase|token|credential|api[-_]?key|private|authori[sz]ation|cookie|headers?\\b|hmac",
          Pattern.CASE_INSENSITIVE);

  /** These say so as a word of their own: many harmless words begin or end like them. */
  private static final Set<String> WORDS =
      Set.of(
          "key",
          "apikey",
          "accesskey",
          "auth",
          "pass",
          "passwd",
          "pwd",
          "pin",
          "dsn",
          "bearer",
          "cookie",
          "session");

  /** Beside one of {@link #WORDS} these say that it is only about a secret, or none. */
  private static final Set<String> HARMLESS =
      Set.of(
          "public",
          "file",
          "files",
          "path",
          "folder",
          "dir",
          "directory",
          "count",
          "counts",
          "total",
          "size",
          "length",
          "max",
          "min",
          "limit",
          "timeout",
          "type",
          "algorithm",
          "method");

  private static final Pattern HUMP =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");
  private static final Pattern BETWEEN = Pattern.compile("[^A-Za-z0-9]+");

  /** Every name of a secret has one of these in it; looking for them is quick. */
  private static final List<String> HINTS =
      List.of(
          "key",
          "auth",
          "pass",
          "pwd",
          "pin",
          "dsn",
          "credential",
          "bearer",
          "cookie",
          "session",
          "secret",
          "token",
          "private",
          "header",
          "hmac");

  private SecretNames() {}

  /** Whether what stands under that name is a secret. */
  static boolean isSecret(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (HINTS.stream().noneMatch(lower::contains)) {
      return false;
    }
    if (ANYWHERE.matcher(name).find()) {
      return true;
    }
    boolean secret = false;
    String before = "";
    for (String part : BETWEEN.split(HUMP.matcher(name).replaceAll("-"), -1)) {
      String word = part.toLowerCase(Locale.ROOT);
      if (HARMLESS.contains(word)) {
        return false;
      }
      // Keys of something are secret; keys alone is a folder's name or how many there are.
      secret |= WORDS.contains(word) || (word.equals("keys") && !before.isEmpty());
      before = word;
    }
    return secret;
  }

  /** Whether what stands under that name takes the rest of its line, blanks included. */
  static boolean takesLine(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith("authorization")
        || lower.endsWith("authorisation")
        || lower.endsWith("cookie");
  }

  /** Variables of the environment: some systems set harmless ones with such names. */
  static boolean isSecretVariable(String name) {
    return !name.equals("PWD")
        && !name.equals("SSH_AUTH_SOCK")
        && (isSecret(name) && (ANYWHERE.matcher(name).find() || !name.contains("SESSION")));
  }
}
