package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class UsageTest {
  @TempDir private Path folder;
  private Trial trial;

  @BeforeEach
  void prepare() {
    trial = new Trial(folder.resolve("data"));
  }

  @Test
  void theVersionIsOneLineOnStdout() {
    Trial.Outcome outcome = trial.run("--version");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).isEqualTo("cyphermesh 1.2.3\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "verify -"})
  void whereNobodyReadsTheOutputTheEndIsSilent(String command) {
    Trial.Outcome outcome = trial.piping("{\"id\": 1}").unheard().run(command.split(" ", -1));
    assertThat(outcome.code()).isEqualTo(141);
    assertThat(outcome.err()).isEmpty();
  }

  /** Every command with what leads to it, the hidden ones too. */
  private static Stream<CommandLine> commands() {
    return all(Main.program(Trial.surroundings(Path.of("data"))));
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(
        Stream.of(command), command.getSubcommands().values().stream().flatMap(UsageTest::all));
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName().replaceFirst("^cyphermesh ?", "");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpWithExamplesAndExitCodes(CommandLine command) {
    String[] words = (name(command) + " --help").strip().split(" ");
    Trial.Outcome help = trial.run(words);
    assertThat(help.code()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out())
        .startsWith("Usage: cyphermesh " + name(command))
        .contains("\nExit codes:\n    0   done\n    1   ", "\nExamples:\n  ", "--help", "--version")
        .doesNotContain("%n", "@|");
    assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandThatIsNotHiddenIsListedOnce(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.parent() == null || spec.usageMessage().hidden()) {
      return;
    }
    String[] words = (name(command.getParent()) + " --help").strip().split(" ");
    assertThat(trial.run(words).out().lines())
        .filteredOn(line -> line.startsWith("  " + spec.name() + "  "))
        .hasSize(1)
        // What it does, in one sentence that fits beside its name.
        .allMatch(line -> line.endsWith(".") && line.length() > spec.name().length() + 10);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyExampleIsRightUsage(CommandLine command) {
    List<String> examples =
        Arrays.stream(command.getCommandSpec().usageMessage().footer())
            .filter(line -> !line.isBlank())
            .toList();
    assertThat(examples).isNotEmpty().allMatch(line -> line.startsWith("  "));
    assertThat(examples).anyMatch(line -> line.contains(command.getCommandSpec().qualifiedName()));
    for (String example : examples) {
      for (String part : example.strip().split(" \\| ", -1)) {
        int begin = part.indexOf("cyphermesh ");
        if (begin < 0) {
          continue;
        }
        List<String> words = words(part.substring(begin).split(" > | {3,}", -1)[0]);
        assertThatCode(
                () ->
                    Main.program(Trial.surroundings(folder))
                        .parseArgs(words.subList(1, words.size()).toArray(String[]::new)))
            .as(part)
            .doesNotThrowAnyException();
      }
    }
  }

  /** As a shell splits them, as far as examples need it. */
  private static List<String> words(String line) {
    return Pattern.compile("'([^']*)'|(\\S+)")
        .matcher(line)
        .results()
        .map(match -> match.group(1) != null ? match.group(1) : match.group(2))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandWithAResultCanPrintItAsJson(CommandLine command) {
    if (Set.of("", "run").contains(name(command))) {
      return;
    }
    assertThat(command.getCommandSpec().optionsMap()).containsKey("--json");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void noColourIsShownWhereThereIsNoTerminal(CommandLine command) {
    String[] words = (name(command) + " --help").strip().split(" ");
    assertThat(trial.run(words).out()).doesNotContain("\u001b");
  }

  @Test
  void whatOnlySupervisorsNeedIsNotListed() {
    assertThat(trial.run("--help").out()).doesNotContain("  health ");
    assertThat(trial.run("run", "--help").out()).doesNotContain("exit-with-parent");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rum | run",
        "run --prot 1 | --port",
        "events --limit many | --limit",
        "events --limit -1 | --limit",
        "report --source 192.0.2.1 --type x | --severity",
        "report --source 192.0.2.1 --type x --severity bad | low, medium, high, critical",
        "report --source 192.0.2.1 --type x --severity low --details [] | --details",
        "add-peer | HOST:PORT",
        "add-peer 192.0.2.1 | HOST:PORT",
        "add-peer 192.0.2.1:99999 | 65535",
        "reset | --db",
        "reset --db --all | --all",
        "verify | FILE",
        "detect | FILE",
        "import | FILE",
        "import - - | once",
        "backup | FILE",
        "restore | FILE",
        "support-bundle --log-mb 61 | --log-mb",
        "plugins lst | list",
        "plugins info | ID",
        "plugins enable a b | b",
        "plugins install | JAR",
        "plugins install /nowhere.jar | /nowhere.jar",
        "plugins remove words | no plugin 'words'",
        "detect - - | once",
        "demo --seconds 0 | --seconds",
        "run --port x | --port",
        "run --bootstrap CONNECT | --seed-ip"
      })
  void wrongUsageIsOneLineOnStderrWithWhatIsRight(String arguments, String right) {
    Trial.Outcome outcome = trial.run(arguments.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).singleElement().asString().contains(right);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "peers",
        "plugins",
        "plugins list",
        "plugins info log-watcher",
        "plugins enable log-watcher",
        "plugins disable log-watcher",
        "plugins reload log-watcher --json",
        "events",
        "events --follow",
        "status",
        "health",
        "report --source 192.0.2.1 --type ssh-bruteforce --severity low"
      })
  void whatNeedsANodeSaysSoInOneLine(String arguments) {
    Trial.Outcome outcome = trial.run(arguments.split(" "));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).singleElement().asString().contains("cyphermesh run");
  }
}
