package io.cyphermesh.logwatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A matcher for the simple expressions of which rules for log lines consist: literal text, {@code
 * .}, {@code \S}, {@code \d} and character classes with {@code *}, {@code +} or {@code ?}, and
 * groups with alternatives that may be optional.
 *
 * <p>It backtracks, in the order of the alternatives and the longest first, and so finds the very
 * match that RE2 finds, several times faster on such short lines. Backtracking can take long on a
 * line made for that, so it gives up after a fixed number of steps, and RE2 decides in linear time.
 * Not thread-safe.
 */
final class QuickPattern {

  /** What became of an attempt. */
  enum Outcome {
    MATCH,
    NO_MATCH,
    GAVE_UP
  }

  private static final int MOST_STEPS = 2_000;
  private static final String META = "\\.[]{}()*+?^$|";

  /** A step of the expression; {@link #next} is what must match behind it. */
  private abstract static class Node {
    @Nullable Node next;
  }

  private static final class Text extends Node {
    final String text;

    Text(String text) {
      this.text = text;
    }
  }

  /** As many characters of a class as possible, and then fewer. */
  private static final class Run extends Node {
    final Chars chars;
    final int least;
    final int most;

    Run(Chars chars, int least, int most) {
      this.chars = chars;
      this.least = least;
      this.most = most;
    }
  }

  /** The start or the end of a capturing group. */
  private static final class Mark extends Node {
    final int slot;

    Mark(int slot) {
      this.slot = slot;
    }
  }

  private static final class Choice extends Node {
    final List<@Nullable Node> options = new ArrayList<>();
  }

  private record Chars(boolean any, @Nullable BitSet ascii, boolean others) {
    boolean has(char c) {
      if (any) {
        return c != '\n';
      }
      return (ascii != null && c < 128) ? ascii.get(c) : others;
    }
  }

  private final @Nullable Node start;
  private final int[] marks;
  private int steps;

  private QuickPattern(@Nullable Node start, int groups) {
    this.start = start;
    marks = new int[2 * groups + 2];
  }

  /**
   * Compiles {@code regex}; null if it holds anything but what is named above.
   *
   * @param groups the named groups with their numbers, as RE2 counts them
   */
  static @Nullable QuickPattern compile(String regex, Map<String, Integer> groups) {
    try {
      Parser parser = new Parser(regex, groups);
      Node start = parser.alternatives(null);
      return parser.at == regex.length() ? new QuickPattern(start, parser.groupCount) : null;
    } catch (UnsupportedOperationException | StringIndexOutOfBoundsException e) {
      return null;
    }
  }

  Outcome match(String text) {
    steps = 0;
    Arrays.fill(marks, -1);
    if (match(start, text, 0)) {
      return Outcome.MATCH;
    }
    return steps > MOST_STEPS ? Outcome.GAVE_UP : Outcome.NO_MATCH;
  }

  int start(int group) {
    return marks[2 * group];
  }

  int end(int group) {
    return marks[2 * group + 1];
  }

  private boolean match(@Nullable Node node, String text, int at) {
    while (node != null) {
      if (++steps > MOST_STEPS) {
        return false;
      }
      switch (node) {
        case Text literal -> {
          if (!text.startsWith(literal.text, at)) {
            return false;
          }
          at += literal.text.length();
        }
        case Mark mark -> {
          int before = marks[mark.slot];
          marks[mark.slot] = at;
          if (match(mark.next, text, at)) {
            return true;
          }
          marks[mark.slot] = before;
          return false;
        }
        case Choice choice -> {
          for (Node option : choice.options) {
            if (match(option, text, at)) {
              return true;
            }
          }
          return false;
        }
        case Run run -> {
          return matchRun(run, text, at);
        }
        default -> throw new IllegalStateException();
      }
      node = node.next;
    }
    return at == text.length();
  }

  private boolean matchRun(Run run, String text, int at) {
    int most = (int) Math.min(text.length(), (long) at + run.most);
    int end = at;
    if (run.chars.any && text.indexOf('\n', at) < 0) {
      end = most;
    } else {
      while (end < most && run.chars.has(text.charAt(end))) {
        end++;
      }
    }
    String literal = literalBehind(run.next);
    while (end - at >= run.least) {
      if (literal != null) {
        // Nothing else can match where the text behind the run does not stand.
        end = text.lastIndexOf(literal, end);
        if (end - at < run.least || end < at) {
          return false;
        }
      }
      boolean withinCodePoint =
          end > at
              && end < text.length()
              && Character.isLowSurrogate(text.charAt(end))
              && Character.isHighSurrogate(text.charAt(end - 1));
      if (!withinCodePoint && match(run.next, text, end)) {
        return true;
      }
      if (steps > MOST_STEPS) {
        return false;
      }
      end--;
    }
    return false;
  }

  private static @Nullable String literalBehind(@Nullable Node node) {
    Node behind = node;
    while (behind instanceof Mark) {
      behind = behind.next;
    }
    return behind instanceof Text literal ? literal.text : null;
  }

  /** Builds the nodes from the front, each knowing the last one before it. */
  private static final class Parser {
    private final String regex;
    private final Map<String, Integer> groups;
    private int at;
    private int groupCount;

    Parser(String regex, Map<String, Integer> groups) {
      this.regex = regex;
      this.groups = groups;
    }

    /** Alternatives up to a closing parenthesis or the end, all followed by {@code behind}. */
    @Nullable Node alternatives(@Nullable Node behind) {
      Choice choice = new Choice();
      choice.options.add(sequence(behind));
      while (at < regex.length() && regex.charAt(at) == '|') {
        at++;
        choice.options.add(sequence(behind));
      }
      return choice.options.size() == 1 ? choice.options.getFirst() : choice;
    }

    private @Nullable Node sequence(@Nullable Node behind) {
      List<Node[]> parts = new ArrayList<>();
      StringBuilder literal = new StringBuilder();
      while (at < regex.length() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
        char c = regex.charAt(at);
        if (c == '(') {
          flush(literal, parts);
          parts.add(group());
          continue;
        }
        Chars chars = null;
        char single = c;
        if (c == '.') {
          chars = new Chars(true, null, true);
          at++;
        } else if (c == '[') {
          chars = charClass();
        } else if (c == '\\') {
          char escaped = regex.charAt(at + 1);
          at += 2;
          if (escaped == 'S' || escaped == 'd') {
            chars = escape(escaped);
          } else if (META.indexOf(escaped) >= 0) {
            single = escaped;
          } else {
            throw new UnsupportedOperationException();
          }
        } else if (META.indexOf(c) >= 0 || c > 126) {
          throw new UnsupportedOperationException();
        } else {
          at++;
        }
        char quantifier = at < regex.length() ? regex.charAt(at) : 0;
        if (quantifier != '*' && quantifier != '+' && quantifier != '?') {
          if (quantifier == '{') {
            throw new UnsupportedOperationException();
          }
          if (chars == null) {
            literal.append(single);
          } else if (chars.others) {
            // A single one is a whole code point, which may be two characters.
            throw new UnsupportedOperationException();
          } else {
            flush(literal, parts);
            add(parts, new Run(chars, 1, 1));
          }
          continue;
        }
        at++;
        if (at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
          throw new UnsupportedOperationException();
        }
        if (chars == null) {
          BitSet one = new BitSet();
          one.set(single);
          chars = new Chars(false, one, false);
        }
        if (quantifier == '?' && chars.others) {
          throw new UnsupportedOperationException();
        }
        flush(literal, parts);
        add(
            parts,
            new Run(chars, quantifier == '+' ? 1 : 0, quantifier == '?' ? 1 : Integer.MAX_VALUE));
      }
      flush(literal, parts);
      Node next = behind;
      for (Node[] part : parts.reversed()) {
        link(part[1], next);
        next = part[0];
      }
      return next;
    }

    private static void add(List<Node[]> parts, Node node) {
      parts.add(new Node[] {node, node});
    }

    private static void flush(StringBuilder literal, List<Node[]> parts) {
      if (!literal.isEmpty()) {
        add(parts, new Text(literal.toString()));
        literal.setLength(0);
      }
    }

    private static void link(Node last, @Nullable Node next) {
      last.next = next;
    }

    /** A group as its first node and the one that what follows is linked to. */
    private Node[] group() {
      Node open = new Text("");
      Node close = new Text("");
      if (regex.startsWith("(?P<", at)) {
        int end = regex.indexOf('>', at);
        Integer number = groups.get(regex.substring(at + 4, end));
        if (number == null || number != ++groupCount) {
          throw new UnsupportedOperationException();
        }
        at = end + 1;
        open = new Mark(2 * number);
        close = new Mark(2 * number + 1);
      } else if (regex.startsWith("(?:", at)) {
        at += 3;
      } else {
        throw new UnsupportedOperationException();
      }
      open.next = alternatives(close);
      if (regex.charAt(at) != ')') {
        throw new UnsupportedOperationException();
      }
      at++;
      char quantifier = at < regex.length() ? regex.charAt(at) : 0;
      if (quantifier == '?') {
        at++;
        Choice choice = new Choice();
        choice.options.add(open);
        choice.options.add(close);
        if (close instanceof Mark) {
          // A capture that was not taken would be given an end.
          throw new UnsupportedOperationException();
        }
        quantifier = at < regex.length() ? regex.charAt(at) : 0;
        if ("*+?{".indexOf(quantifier) >= 0) {
          throw new UnsupportedOperationException();
        }
        return new Node[] {choice, close};
      }
      if (quantifier == '*' || quantifier == '+' || quantifier == '{') {
        throw new UnsupportedOperationException();
      }
      return new Node[] {open, close};
    }

    private static Chars escape(char escaped) {
      BitSet set = new BitSet();
      if (escaped == 'd') {
        set.set('0', '9' + 1);
        return new Chars(false, set, false);
      }
      set.set(0, 128);
      for (char blank : new char[] {'\t', '\n', '\f', '\r', ' '}) {
        set.clear(blank);
      }
      return new Chars(false, set, true);
    }

    /** A class of single characters and ranges. */
    private Chars charClass() {
      BitSet set = new BitSet();
      at++;
      if (regex.charAt(at) == ']') {
        throw new UnsupportedOperationException();
      }
      while (regex.charAt(at) != ']') {
        char from = regex.charAt(at++);
        if (from == '\\' || from == '[' || from == '^' || from > 126) {
          throw new UnsupportedOperationException();
        }
        char to = from;
        if (regex.charAt(at) == '-' && regex.charAt(at + 1) != ']') {
          to = regex.charAt(at + 1);
          at += 2;
          if (to == '\\' || to == '[' || to < from || to > 126) {
            throw new UnsupportedOperationException();
          }
        }
        set.set(from, to + 1);
      }
      at++;
      return new Chars(false, set, false);
    }
  }
}
