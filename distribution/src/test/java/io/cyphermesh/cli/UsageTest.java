package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "demo",
        "add-peer",
        "report",
        "events",
        "peers",
        "plugins",
        "status",
        "detect",
        "verify",
        "reset"
      })
  void everyCommandIsListedAndHasHelpOfItsOwn(String command) {
    assertThat(trial.run("--help").out()).contains("\n  " + command + " ");
    Trial.Outcome help = trial.run(command, "--help");
    assertThat(help.code()).isZero();
    assertThat(help.out()).startsWith("Usage: cyphermesh " + command);
    assertThat(help.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "info", "enable", "disable", "reload", "install", "remove"})
  void everyCommandForPluginsIsListedAndHasHelpWithAnExample(String command) {
    assertThat(trial.run("plugins", "--help").out()).contains("\n  " + command + " ");
    Trial.Outcome help = trial.run("plugins", command, "--help");
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .startsWith("Usage: cyphermesh plugins " + command)
        .contains("--json", "--data=DIR", "For instance:\n  cyphermesh plugins " + command);
  }

  @Test
  void whatOnlySupervisorsNeedIsNotListed() {
    assertThat(trial.run("--help").out()).doesNotContain("health");
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
