package io.cyphermesh.cli.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IllegalFormatException;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the listings have in common: which commands and options users see, in which words. */
final class Commands {
  private Commands() {}

  static List<CommandSpec> visible(CommandSpec command) {
    return command.subcommands().values().stream()
        .map(each -> each.getCommandSpec())
        .filter(each -> !each.usageMessage().hidden())
        .distinct()
        .toList();
  }

  static List<OptionSpec> options(CommandSpec command) {
    return command.options().stream().filter(option -> !option.hidden()).toList();
  }

  /** The description as plain lines, without picocli's markup. */
  static List<String> plain(String[] text) {
    List<String> lines = new ArrayList<>();
    for (String line : text) {
      lines.addAll(Ansi.OFF.string(formatted(line)).lines().toList());
      if (line.isEmpty()) {
        lines.add("");
      }
    }
    return lines;
  }

  /** As picocli does when it prints help. */
  private static String formatted(String line) {
    try {
      return String.format(line);
    } catch (IllegalFormatException e) {
      return line;
    }
  }

  static String description(ArgSpec argument) {
    return String.join(" ", plain(argument.description()));
  }

  /** The first sentence of a command's description, without its full stop. */
  static String summary(CommandSpec command) {
    String all = String.join(" ", plain(command.usageMessage().description())).strip();
    int end = all.indexOf(". ");
    String first = end < 0 ? all : all.substring(0, end);
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }

  /** {@code PORT} of {@code --port=PORT}; empty where an option stands alone. */
  static Optional<String> label(OptionSpec option) {
    return option.arity().max() == 0 ? Optional.empty() : Optional.of(option.paramLabel());
  }

  /** What an argument may be, where that is a closed list. */
  static List<String> candidates(ArgSpec argument) {
    return argument.completionCandidates() == null
        ? List.of()
        : StreamSupport.stream(argument.completionCandidates().spliterator(), false).toList();
  }

  /** Whether an argument names something in the file system. */
  static boolean isFile(String label) {
    return Arrays.asList("FILE", "JAR", "DIR").contains(label.replaceAll("[^A-Z]", ""));
  }

  static boolean isFolder(String label) {
    return label.equals("DIR");
  }

  static Help help(CommandSpec command) {
    return new Help(command, Help.defaultColorScheme(Ansi.OFF));
  }
}
