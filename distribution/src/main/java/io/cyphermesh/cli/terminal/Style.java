package io.cyphermesh.cli.terminal;

/** How a piece of text stands out on a terminal that shows colours. */
public enum Style {
  PLAIN(""),
  BOLD("1"),
  DIM("2"),
  RED("31"),
  BOLD_RED("1;31"),
  GREEN("32"),
  YELLOW("33"),
  CYAN("36");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  /** The text between the escape sequences of this style. */
  String wrap(String text) {
    return code.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }

  /** How an event's severity is shown. */
  public static Style ofSeverity(String severity) {
    return switch (severity) {
      case "critical" -> BOLD_RED;
      case "high" -> RED;
      case "medium" -> YELLOW;
      case "low" -> CYAN;
      default -> DIM;
    };
  }
}
