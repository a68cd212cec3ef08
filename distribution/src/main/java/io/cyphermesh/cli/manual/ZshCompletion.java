package io.cyphermesh.cli.manual;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for zsh: a function of its {@code _arguments} for each command. */
public final class ZshCompletion {
  private final String program;
  private final CommandSpec command;

  /** Of {@code command}, called as {@code program}. */
  public ZshCompletion(String program, CommandSpec command) {
    this.program = program;
    this.command = command;
  }

  /** The file, whose name is the program's behind an underscore. */
  public String text() {
    StringBuilder text = new StringBuilder("#compdef ").append(program).append("\n\n");
    function(text, "_" + program, command);
    // Read by zsh at the first use, as that function's body.
    return text.append("_").append(program).append(" \"$@\"\n").toString();
  }

  private static void function(StringBuilder text, String name, CommandSpec command) {
    List<CommandSpec> commands = Commands.visible(command);
    text.append(name).append("() {\n");
    if (!commands.isEmpty()) {
      text.append("  local context state state_descr line\n  typeset -A opt_args\n");
    }
    text.append("  _arguments ").append(commands.isEmpty() ? "-s -S" : "-C").append(" \\\n");
    for (OptionSpec option : Commands.options(command)) {
      text.append("    ").append(option(option)).append(" \\\n");
    }
    if (commands.isEmpty()) {
      for (PositionalParamSpec each : command.positionalParameters()) {
        if (!each.hidden()) {
          text.append("    ").append(parameter(each)).append(" \\\n");
        }
      }
      text.append("    && return 0\n}\n\n");
      return;
    }
    text.append("    '1: :->command' \\\n    '*:: :->rest' \\\n    && return 0\n");
    text.append("  case $state in\n  command)\n    local -a commands=(\n");
    for (CommandSpec each : commands) {
      text.append("      ")
          .append(quoted(colons(each.name()) + ":" + Commands.summary(each)))
          .append('\n');
    }
    text.append("    )\n    _describe -t commands command commands\n    ;;\n  rest)\n");
    text.append("    case $words[1] in\n");
    for (CommandSpec each : commands) {
      text.append("    %s) %s ;;\n".formatted(each.name(), name + "_" + each.name()));
    }
    text.append("    esac\n    ;;\n  esac\n}\n\n");
    for (CommandSpec each : commands) {
      function(text, name + "_" + each.name(), each);
    }
  }

  private static String option(OptionSpec option) {
    String[] names = option.names();
    Optional<String> label = Commands.label(option);
    String rest =
        quoted(
            (label.isPresent() ? "=" : "")
                + "["
                + brackets(Commands.description(option))
                + "]"
                + label
                    .map(
                        what ->
                            ":" + colons(what) + ":" + action(what, Commands.candidates(option)))
                    .orElse(""));
    if (names.length == 1) {
      boolean again = option.isMultiValue();
      return (again ? "'*'" : "") + names[0] + rest;
    }
    return "'(%s)'{%s}%s".formatted(String.join(" ", names), String.join(",", names), rest);
  }

  private static String parameter(PositionalParamSpec each) {
    String place = each.isMultiValue() ? "*" : Integer.toString(each.index().min() + 1);
    String label = each.paramLabel();
    return quoted(place + ":" + colons(label) + ":" + action(label, Commands.candidates(each)));
  }

  private static String action(String label, List<String> candidates) {
    if (!candidates.isEmpty()) {
      return "(" + String.join(" ", candidates) + ")";
    }
    return Commands.isFolder(label) ? "_files -/" : Commands.isFile(label) ? "_files" : " ";
  }

  private static String brackets(String text) {
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:");
  }

  private static String colons(String text) {
    return text.replace(":", "\\:");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
