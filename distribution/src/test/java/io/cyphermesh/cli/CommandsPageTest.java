package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.docs.Generated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes the reference of all commands from what they say of themselves. */
class CommandsPageTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^  ([a-z][a-z-]*) {2,}\\S");
  private static final Pattern FLAG = Pattern.compile("--[a-z-]+");

  @TempDir private Path folder;
  private Trial trial;

  @BeforeEach
  void prepare() {
    trial = new Trial(folder.resolve("data"));
  }

  @Test
  void thePageShowsTheHelpOfEveryCommand() throws IOException {
    StringBuilder page = new StringBuilder();
    write(page, List.of());
    Generated.section("docs/commands.md", "commands", page.toString());
  }

  @Test
  void everyFlagOfRunIsInTheReferenceOfTheSettings() throws IOException {
    String settings = Files.readString(Generated.ROOT.resolve("docs/configuration.md"));
    assertThat(FLAG.matcher(help(List.of("run"))).results().map(match -> match.group()))
        .filteredOn(flag -> !List.of("--help", "--version").contains(flag))
        .isNotEmpty()
        .allSatisfy(flag -> assertThat(settings).contains("`" + flag + "`"));
  }

  private void write(StringBuilder page, List<String> command) {
    String help = help(command);
    page.append("\n").append("#".repeat(2 + Math.max(0, command.size() - 1)));
    page.append(" cyphermesh").append(command.isEmpty() ? "" : " " + String.join(" ", command));
    page.append("\n\n```text\n").append(help.strip()).append("\n```\n");
    COMMAND
        .matcher(help)
        .results()
        .map(found -> Stream.concat(command.stream(), Stream.of(found.group(1))).toList())
        .filter(this::exists)
        .forEach(inner -> write(page, inner));
  }

  private boolean exists(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--help");
    return trial
        .run(arguments.toArray(String[]::new))
        .out()
        .startsWith("Usage: cyphermesh " + String.join(" ", command) + " ");
  }

  private String help(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--help");
    Trial.Outcome outcome = trial.run(arguments.toArray(String[]::new));
    assertThat(outcome.code()).as(String.join(" ", arguments)).isZero();
    // Lines end where the text ends.
    return outcome.out().replaceAll("(?m) +$", "");
  }
}
