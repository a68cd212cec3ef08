package io.cyphermesh.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Where a command prints. Results go to {@link #out}, everything else to {@link #err}.
 *
 * @param out standard output
 * @param err standard error
 * @param columns width of the terminal that shows {@code out}; empty where none does
 * @param typing whether somebody can answer at standard input
 * @param watching whether {@code err} is a terminal, where progress can be shown
 * @param colour whether escape sequences for colours are understood
 */
public record Terminal(
    PrintStream out,
    PrintStream err,
    OptionalInt columns,
    boolean typing,
    boolean watching,
    boolean colour) {
  /** Set by the launcher, which can ask the system cheaply: columns of the terminal on stdout. */
  static final String COLUMNS = "cyphermesh.terminal.columns";

  /** Set by the launcher: whether stdin is a terminal. */
  static final String TYPING = "cyphermesh.terminal.typing";

  /** Set by the launcher: whether stderr is a terminal. */
  static final String WATCHING = "cyphermesh.terminal.watching";

  private static final int LEAST_COLUMNS = 40;

  /** The terminal that this process was started on. */
  public static Terminal ofProcess(Map<String, String> environment) {
    OptionalInt columns = OptionalInt.empty();
    try {
      String text = System.getProperty(COLUMNS, "");
      if (!text.isEmpty()) {
        columns = OptionalInt.of(Math.max(LEAST_COLUMNS, Integer.parseInt(text.strip())));
      }
    } catch (NumberFormatException e) {
      columns = OptionalInt.of(80);
    }
    // https://no-color.org: any value but the empty one switches colours off.
    boolean colour =
        columns.isPresent()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(
        utf8(FileDescriptor.out),
        utf8(FileDescriptor.err),
        columns,
        Boolean.getBoolean(TYPING),
        Boolean.getBoolean(WATCHING),
        colour);
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** Prints a line of the result. */
  public void line(String text) {
    out.println(text);
  }

  /** Prints a line that is not part of the result. */
  public void note(String text) {
    err.println("cyphermesh: " + Printable.of(text));
  }

  /** The text in a style, where colours are understood. */
  public String paint(Style style, String text) {
    return colour ? style.wrap(text) : text;
  }

  /** Whether the reader of {@link #out} has gone, for instance since {@code head} has enough. */
  public boolean gone() {
    return out.checkError();
  }
}
