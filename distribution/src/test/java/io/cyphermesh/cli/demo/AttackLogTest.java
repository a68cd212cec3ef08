package io.cyphermesh.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AttackLogTest {
  private static final Pattern ADDRESS =
      Pattern.compile("\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b|\\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}");

  private final List<AttackLog.Entry> entries = AttackLog.sample().entries();

  @Test
  void linesComeInTheOrderOfTheirTimes() {
    assertThat(entries).isSortedAccordingTo((a, b) -> a.at().compareTo(b.at()));
  }

  @Test
  void attacksBeginAtOnceAndGoOnForMinutes() {
    assertThat(entries.getFirst().at()).isLessThan(Duration.ofSeconds(1));
    assertThat(entries.getLast().at()).isGreaterThan(Duration.ofMinutes(4));
  }

  @Test
  void everyAddressIsOneOfDocumentation() {
    for (AttackLog.Entry entry : entries) {
      Matcher address = ADDRESS.matcher(entry.text().replaceAll("SHA256:\\S+", ""));
      while (address.find()) {
        assertThat(address.group())
            .matches(
                "(192\\.0\\.2\\.|198\\.51\\.100\\.|203\\.0\\.113\\.|2001:db8:|0\\.0\\.0\\.0).*");
      }
    }
  }
}
