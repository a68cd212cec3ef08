package io.cyphermesh.cli;

import io.cyphermesh.cli.terminal.CommandFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What the help of all commands has in common, said once. */
final class CommandHelp {
  private static final String OTHERS = "Further";

  /** Commands as people look for them; what is not named here comes last. */
  private static final Map<String, List<String>> GROUPS = groups();

  private CommandHelp() {}

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("Run a node", List.of("run", "demo", "add-peer", "report", "plugins"));
    groups.put("See what it knows", List.of("status", "events", "peers"));
    groups.put("Work with files", List.of("detect", "verify", "import"));
    groups.put(
        "Look after it",
        List.of("backup", "restore", "check", "reset", "support-bundle", "warm-up"));
    return groups;
  }

  /** Gives a program and all its commands the same help options, exit codes and headings. */
  static void complete(CommandLine program, IVersionProvider version) {
    each(program, version);
    program.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, CommandHelp::list);
    program.getCommandSpec().usageMessage().commandListHeading("");
  }

  private static void each(CommandLine command, IVersionProvider version) {
    CommandSpec spec = command.getCommandSpec();
    spec.mixinStandardHelpOptions(true).versionProvider(version);
    UsageMessageSpec usage = spec.usageMessage();
    usage
        .descriptionHeading("%n")
        .parameterListHeading("%n")
        .optionListHeading(spec.positionalParameters().isEmpty() ? "%n" : "")
        .exitCodeListHeading("%nExit codes:%n")
        .footerHeading("%nExamples:%n");
    Map<String, String> codes =
        new LinkedHashMap<>(
            Map.of(
                "  0", "done",
                "  1", "failed, or something was found invalid",
                "  2", "wrong usage or settings"));
    codes = new java.util.TreeMap<>(codes);
    codes.putAll(usage.exitCodeList());
    codes.put(CommandFailure.UNHEARD + "", "nobody reads the output any more");
    usage.exitCodeList(codes);
    command.getSubcommands().values().forEach(each -> each(each, version));
  }

  private static String list(Help help) {
    Map<String, Help> left = new LinkedHashMap<>(help.subcommands());
    StringBuilder text = new StringBuilder();
    GROUPS.forEach(
        (title, names) -> {
          List<Help> members = new ArrayList<>();
          for (String name : names) {
            Help member = left.remove(name);
            if (member != null) {
              members.add(member);
            }
          }
          append(text, help, title, members);
        });
    append(text, help, OTHERS, List.copyOf(left.values()));
    return text.toString();
  }

  private static void append(StringBuilder text, Help help, String title, List<Help> members) {
    List<Help> shown =
        members.stream().filter(each -> !each.commandSpec().usageMessage().hidden()).toList();
    if (shown.isEmpty()) {
      return;
    }
    text.append(help.createHeading("%n@|bold " + title + "|@%n"));
    int width = help.subcommands().keySet().stream().mapToInt(String::length).max().orElse(0);
    for (Help each : shown) {
      String name = each.commandSpec().name();
      text.append("  ")
          .append(help.colorScheme().commandText(name))
          .append(" ".repeat(width - name.length() + 2))
          .append(summary(each.commandSpec()))
          .append(System.lineSeparator());
    }
  }

  /** The first sentence of what a command does. */
  private static String summary(CommandSpec command) {
    String all = String.join(" ", command.usageMessage().description());
    int end = all.indexOf(". ");
    return end < 0 ? all : all.substring(0, end + 1);
  }
}
