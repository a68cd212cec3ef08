package io.cyphermesh.bench.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.bench.report.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectTest {
  private static final String RULES =
      """
      rules {
        on { enabled = true, programs = [sshd]
          patterns = ["Failed (?:password|none) for (?P<user>.*) from (?P<src>\\\\S+) port (?P<port>\\\\d+) ssh\\\\d?"] }
        off { enabled = false, programs = [other], patterns = ["never"] }
      }
      """;

  @Test
  void grepIsAskedForWhatTheEnabledRulesMatch() {
    String expression = GrepPattern.of(ConfigFactory.parseString(RULES));
    assertThat(expression).doesNotContain("(?", "\\d", "never");
    Pattern pattern = Pattern.compile(expression);
    assertThat(
            pattern
                .matcher(
                    "Jan  2 03:04:05 web1 sshd[7]: Failed password for root from 192.0.2.1 port 4711"
                        + " ssh2")
                .find())
        .isTrue();
    assertThat(pattern.matcher("Jan  2 03:04:05 web1 cron[7]: Failed password").find()).isFalse();
  }

  @Test
  void aFileThatIsNotThereIsSaidToBeMade(@TempDir Path folder) {
    assertThatThrownBy(() -> new DetectorBench(new Report(System.out), folder.resolve("x"), 1))
        .hasMessageContaining("make-ssh-log");
    assertThatThrownBy(() -> DetectorJar.of(folder, "log-watcher"))
        .hasMessageContaining("log-watcher");
  }

  @Test
  void aProgramThatIsNotInstalledIsNoFailure() {
    assertThat(new Yardstick("none", List.of("no-such-program-here")).installed()).isFalse();
  }
}
