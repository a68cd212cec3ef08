package io.cyphermesh.cli.support;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * URLs in texts, wrong ones as well: who writes a password into one seldom escapes it. Goes through
 * a text once.
 */
final class Addresses {
  private static final String MARK = "://";

  private Addresses() {}

  /**
   * Adds what of the addresses may be a secret: who asks, what for, and for some services where.
   */
  static void collect(String text, Set<String> secrets) {
    int mark = text.indexOf(MARK);
    while (mark >= 0) {
      int from = mark + MARK.length();
      int host = authorityEnd(text, from);
      int at = lastAt(text, from, host);
      if (at >= from) {
        String user = text.substring(from, at);
        add(user, secrets);
        int colon = user.indexOf(':');
        if (colon >= 0) {
          add(user.substring(0, colon), secrets);
          add(user.substring(colon + 1), secrets);
        }
      }
      int path = pathEnd(text, host);
      if (path > host + 1) {
        add(text.substring(host + 1, path), secrets);
      }
      int end = end(text, path);
      if (end > path + 1) {
        add(text.substring(path + 1, end), secrets);
      }
      mark = text.indexOf(MARK, end);
    }
  }

  private static void add(String secret, Set<String> secrets) {
    secrets.add(secret);
    try {
      secrets.add(URLDecoder.decode(secret, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      // A bare % is one.
    }
  }

  /** The line without users and queries of addresses. */
  static String scrub(String line) {
    int mark = line.indexOf(MARK);
    if (mark < 0) {
      return line;
    }
    StringBuilder clean = new StringBuilder(line.length());
    int done = 0;
    while (mark >= 0) {
      int from = mark + MARK.length();
      clean.append(line, done, from);
      int host = authorityEnd(line, from);
      int at = lastAt(line, from, host);
      if (at >= from) {
        clean.append(Scrubber.REMOVED);
      }
      int path = pathEnd(line, host);
      clean.append(line, at >= from ? at : from, path);
      done = end(line, path);
      if (done > path) {
        clean.append(line.charAt(path)).append(Scrubber.REMOVED);
      }
      mark = line.indexOf(MARK, done);
    }
    return clean.append(line, done, line.length()).toString();
  }

  private static int lastAt(String text, int from, int end) {
    int i = end - 1;
    while (i >= from && text.charAt(i) != '@') {
      i--;
    }
    return i;
  }

  private static int authorityEnd(String text, int from) {
    int i = from;
    // Another address may follow at once; it is looked at by itself.
    while (i < text.length()
        && "/?#".indexOf(text.charAt(i)) < 0
        && !ends(text, i)
        && !text.startsWith(MARK, i)) {
      i++;
    }
    return i;
  }

  private static int pathEnd(String text, int from) {
    int i = from;
    while (i < text.length()
        && "?#".indexOf(text.charAt(i)) < 0
        && !ends(text, i)
        && !text.startsWith(MARK, i)) {
      i++;
    }
    return i;
  }

  private static int end(String text, int from) {
    int i = from;
    if (i < text.length() && "?#".indexOf(text.charAt(i)) >= 0) {
      while (i < text.length() && !ends(text, i)) {
        i++;
      }
    }
    return i;
  }

  private static boolean ends(String text, int i) {
    char c = text.charAt(i);
    return c <= ' ' || c == '<' || c == '>' || (c == '"' && (i == 0 || text.charAt(i - 1) != '\\'));
  }
}
