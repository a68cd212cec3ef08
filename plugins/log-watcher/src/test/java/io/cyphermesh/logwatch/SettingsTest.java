package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cyphermesh.api.Detector;
import io.cyphermesh.api.FollowRequest;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {

  private static final String RULE =
      """
      rules.dropbear {
        enabled = true
        programs = [dropbear]
        literals = ["Bad password attempt"]
        patterns = ["Bad password attempt for '(?P<user>.*)' from (?P<src>\\\\S+):(?P<port>\\\\d+)"]
        threat-type = ssh-bruteforce
        severity = medium
        high-from = 0
        confidence = 90
        description = "Failed Dropbear log-ins"
        bucket { capacity = 3, leak = 2m, cool-down = 1h }
      }
      """;

  @Test
  void theDetectorIsFoundAsAService() {
    assertThat(ServiceLoader.load(Detector.class))
        .hasAtLeastOneElementOfType(LogWatcher.class)
        .hasSize(1);
  }

  @Test
  void theDefaultsFollowTheLogsOfDebianAndRedHatFromTheirEnd() {
    assertThat(FakeContext.of(List.of()).requests)
        .containsExactly(
            new FollowRequest(
                List.of("/var/log/auth.log", "/var/log/secure"), FollowRequest.From.END));
  }

  @Test
  void anOperatorsOwnRuleWorksLikeTheOthers() {
    FakeContext context =
        FakeContext.of(
            RULE,
            Lines.times(
                3,
                "Nov 22 10:00:00 gate dropbear[7]: Bad password attempt for 'x' from"
                    + " 198.51.100.7:4022"));

    assertThat(context.summary()).containsExactly("198.51.100.7 dropbear 3");
    assertThat(context.detections.getFirst().technique()).isEmpty();
  }

  @Test
  void aRuleSwitchedOffIsNotUsed() {
    FakeContext context =
        FakeContext.of(
            "rules.openssh-failed-login.enabled = false",
            Lines.failures("198.51.100.7", "08:00:00", 1, 9));

    assertThat(context.detections).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "patterns = [\"(?P<src>\"] | no RE2 expression",
        "patterns = [\"a(?=b)\"] | no RE2 expression",
        "patterns = [\"from .*\"] | has no group (?P<src>",
        "patterns = [\"(?P<src>.*) (?P<sorce>x)\"] | unknown group 'sorce'; known: count, port",
        "counts = users, patterns = [\"(?P<src>.*)\"] | has no group (?P<user>",
        "counts = connections, patterns = [\"(?P<src>.*)\"] | has no group (?P<port>",
        "patterns = [] | patterns is empty",
        "literals = [] | literals is empty",
        "literals = [\"\"] | literals is empty",
        "programs = [] | programs is empty",
        "threat-type = \"\" | threat-type is empty",
        "severity = unknown | severity is low",
        "confidence = 101 | confidence is 0 to 100",
        "high-from = -1 | high-from",
        "after = nothing | after names no threat type of any rule: nothing",
        "target { port = 0, protocol = tcp, service = ssh } | target: port is 1 to 65535",
        "bucket.capacity = 0 | bucket.capacity is 1 to 10000, not 0",
        "bucket.leak = 0s | bucket.leak",
        "bucket.cool-down = 31d | bucket.cool-down"
      })
  void aMalformedRuleIsNamedWithTheReason(String wrong, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FakeContext(RULE + "rules.dropbear {" + wrong + "}").handler())
        .withMessageStartingWith("rule 'dropbear': ")
        .withMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zone = Mars/Base | zone 'Mars/Base'",
        "max-sources = 0 | max-sources is at least 1",
        "ignore = [\"example.org\"] | 'example.org'"
      })
  void aWrongSettingIsNamed(String wrong, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FakeContext(wrong).handler())
        .withMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Failed (?:password|none) for ; 'Failed '",
        "^Failed x$ ; 'Failed x'",
        "Failed x? ; 'Failed '",
        "ab|cd ; ''",
        "a(b|c)|d ; ''",
        "a(b|c)d ; 'a'",
        "a[|]b ; 'a'",
        "a\\|b ; 'a'",
        "(?i)abc ; ''",
        "x* ; ''"
      })
  void thePrefixOfAPatternIsWhatEachMatchStartsWith(String regex, String prefix) {
    assertThat(LinePattern.literalPrefix(regex)).isEqualTo(prefix.replace("'", ""));
  }
}
