package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManualTest {
  @TempDir private static Path share;

  @BeforeAll
  static void write() throws IOException {
    Manual.write(share, "1.2.3-SNAPSHOT", "2026-11-22");
  }

  @Test
  void everyCommandThatIsListedHasAPageWithItsOptions() throws IOException {
    assertThat(pages())
        .contains("cyphermesh.1", "cyphermesh-run.1", "cyphermesh-plugins-install.1")
        .doesNotContain("cyphermesh-health.1");
    assertThat(page("cyphermesh.1")).contains(".BR cyphermesh\\-plugins (1)", ".SH ENVIRONMENT");
    assertThat(page("cyphermesh-run.1"))
        .startsWith(".TH CYPHERMESH\\-RUN 1 \"2026-11-22\" \"CypherMesh 1.2.3\\-SNAPSHOT\"")
        .contains(".B \\-\\-seed\\-ip\\fR=\\fIADDRESS\\fR")
        .doesNotContain("exit\\-with\\-parent");
  }

  @Test
  void noLineOfAPageIsTakenForARequestByMistake() throws IOException {
    for (String name : pages()) {
      assertThat(page(name).lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
          .as(name)
          .allMatch(line -> line.matches("\\.(TH|SH|TP|PP|B|I|BR|RS|RE|EX|EE)( .*)?"));
      assertThat(page(name)).as(name).matches("\\p{ASCII}*");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cyphermesh pl | plugins",
        "cyphermesh plugins in | info install",
        "cyphermesh report --se | --severity",
        "cyphermesh heal | ''",
        "cyphermesh run --exit | ''",
        "cyphermesh-add-peer --da | --data"
      })
  void bashCompletesWhatIsTyped(String typed, String completed)
      throws IOException, InterruptedException {
    String program = typed.substring(0, typed.indexOf(' '));
    String script =
        """
        compopt() { :; }
        . "$1/completions/bash/$2"
        IFS=' ' read -r -a COMP_WORDS <<<"$3"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        function=$(complete -p "$2"); function=${function#*-F }
        "${function%% *}"
        echo "${COMPREPLY[*]}"
        """;
    Process bash =
        new ProcessBuilder("bash", "-c", script, "bash", share.toString(), program, typed)
            .redirectErrorStream(true)
            .start();
    bash.getOutputStream().close();
    String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(List.of(answer.strip().split("\\s+", -1)))
        .containsExactlyInAnyOrder(completed.split(" ", -1));
  }

  @Test
  void zshAndFishAreToldOfTheSameCommands() throws IOException {
    assertThat(Files.readString(share.resolve("completions/zsh/_cyphermesh")))
        .startsWith("#compdef cyphermesh\n")
        .contains("_cyphermesh_plugins_install() {", "--pin'[")
        .doesNotContain("health", "exit-with-parent");
    assertThat(Files.readString(share.resolve("completions/fish/cyphermesh.fish")))
        .contains("-f -a verify", "-l seed-ip -x")
        .doesNotContain("health", "exit-with-parent");
  }

  private static Set<String> pages() throws IOException {
    try (Stream<Path> files = Files.list(share.resolve("man/man1"))) {
      return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }

  private static String page(String name) throws IOException {
    return Files.readString(share.resolve("man/man1").resolve(name));
  }
}
