package io.cyphermesh.core.plugin;

import io.cyphermesh.core.source.LineException;
import java.util.Optional;
import java.util.stream.Stream;

/** What went wrong, in one line for the operator. */
final class Fault {
  private static final int MAX = 500;

  private Fault() {}

  /** The exception's simple name and message. */
  static String line(Throwable fault) {
    if (fault instanceof LineException && fault.getCause() != null) {
      return cut(describe(fault.getCause()) + " (" + fault.getMessage() + ")");
    }
    return cut(fault instanceof SettingsException ? message(fault) : describe(fault));
  }

  /**
   * Where it happened: the first line of its stack outside the JDK and the node, or else the first.
   */
  static Optional<String> at(Throwable fault) {
    Throwable inner =
        fault instanceof LineException && fault.getCause() != null ? fault.getCause() : fault;
    StackTraceElement[] stack;
    try {
      stack = inner.getStackTrace();
    } catch (Throwable e) {
      // A plugin's exception is a plugin's code.
      return Optional.empty();
    }
    return Stream.of(stack)
        .filter(Fault::isPlugins)
        .findFirst()
        .or(() -> Stream.of(stack).findFirst())
        .map(element -> cut("at " + element));
  }

  /** Where a thread is now, in the plugin's own code where it is in some; may be empty. */
  static String place(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return Stream.of(stack)
        .filter(Fault::isPlugins)
        .findFirst()
        .or(() -> Stream.of(stack).findFirst())
        .map(element -> "; it is at " + element)
        .orElse("");
  }

  private static boolean isPlugins(StackTraceElement element) {
    String name = element.getClassName();
    return Stream.of("java.", "javax.", "jdk.", "sun.", "io.cyphermesh.core.")
        .noneMatch(name::startsWith);
  }

  private static String describe(Throwable fault) {
    String message = message(fault);
    String described = fault.getClass().getSimpleName() + (message.isBlank() ? "" : ": " + message);
    // A class that cannot be had says little without its cause.
    Throwable cause = fault instanceof LinkageError ? fault.getCause() : null;
    if (cause == null) {
      return described;
    }
    String why = message(cause);
    return described
        + " ("
        + cause.getClass().getSimpleName()
        + (why.isBlank() ? "" : ": " + why)
        + ")";
  }

  /** Its message, in one line; may be empty. */
  static String message(Throwable fault) {
    String message;
    try {
      message = fault.getMessage();
    } catch (Throwable e) {
      // A plugin's exception is a plugin's code.
      message = null;
    }
    return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String cut(String line) {
    return line.length() <= MAX ? line : line.substring(0, MAX) + "…";
  }
}
