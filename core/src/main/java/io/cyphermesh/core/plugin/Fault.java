package io.cyphermesh.core.plugin;

import io.cyphermesh.core.source.LineException;

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

  private static String describe(Throwable fault) {
    String message = message(fault);
    return fault.getClass().getSimpleName() + (message.isBlank() ? "" : ": " + message);
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
