package io.cyphermesh.cli.manual;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for fish: one line for each command and each option. */
public final class FishCompletion {
  private final String program;
  private final CommandSpec command;

  /** Of {@code command}, called as {@code program}. */
  public FishCompletion(String program, CommandSpec command) {
    this.program = program;
    this.command = command;
  }

  /** The file, whose name is the program's with {@code .fish}. */
  public String text() {
    StringBuilder text = new StringBuilder();
    add(text, command, "");
    return text.toString();
  }

  /** {@code seen} is the condition under which this command is the one being written. */
  private void add(StringBuilder text, CommandSpec here, String seen) {
    List<CommandSpec> commands = Commands.visible(here);
    String names = String.join(" ", commands.stream().map(CommandSpec::name).toList());
    String open = names.isEmpty() ? seen : and(seen, "not __fish_seen_subcommand_from " + names);
    for (CommandSpec each : commands) {
      line(text, open, "-f -a " + each.name(), Commands.summary(each));
    }
    for (OptionSpec option : Commands.options(here)) {
      line(text, open, option(option), Commands.description(option));
    }
    boolean files =
        here.positionalParameters().stream().anyMatch(each -> Commands.isFile(each.paramLabel()));
    if (!files) {
      text.append("complete -c ").append(program).append(condition(open)).append(" -f\n");
    }
    for (CommandSpec each : commands) {
      add(text, each, and(seen, "__fish_seen_subcommand_from " + each.name()));
    }
  }

  private static String option(OptionSpec option) {
    StringBuilder text = new StringBuilder();
    for (String name : option.names()) {
      text.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    Optional<String> label = Commands.label(option);
    if (label.isPresent()) {
      text.append(Commands.isFile(label.get()) ? " -r -F" : " -x");
      List<String> candidates = Commands.candidates(option);
      if (!candidates.isEmpty()) {
        text.append(" -a ").append(quoted(String.join(" ", candidates)));
      }
    }
    return text.toString().strip();
  }

  private void line(StringBuilder text, String condition, String what, String description) {
    text.append("complete -c ")
        .append(program)
        .append(condition(condition))
        .append(' ')
        .append(what)
        .append(" -d ")
        .append(quoted(description))
        .append('\n');
  }

  private static String condition(String condition) {
    return condition.isEmpty() ? "" : " -n " + quoted(condition);
  }

  private static String and(String first, String second) {
    return first.isEmpty() ? second : first + "; and " + second;
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
