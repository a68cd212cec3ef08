package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordConfigTest {
  enum Mode {
    FAST,
    VERY_SAFE
  }

  record Rule(int capacity, Duration coolDown) {
    Rule {
      if (capacity < 1) {
        throw new IllegalArgumentException("capacity is at least 1, not " + capacity);
      }
    }
  }

  record Everything(
      String name,
      int count,
      long bytes,
      double ratio,
      boolean on,
      Duration leakTime,
      Path logFile,
      Mode mode,
      Rule rule,
      List<String> files,
      List<Rule> steps,
      Map<String, Rule> rules,
      Optional<String> note,
      Optional<Integer> limit) {}

  record Small(int capacity, Optional<Mode> mode) {}

  record WithRules(Map<String, Rule> rules) {}

  record WithFiles(List<String> files) {}

  @Test
  void readsEveryTypeOfTheContract() {
    Everything read =
        read(
            """
            name = "a b", count = 3, bytes = 5000000000, ratio = 0.5, on = yes
            leak-time = 30 s, log-file = /var/log/auth.log, mode = very-safe
            rule { capacity = 1, cool-down = 1m }
            files = [ a, b ]
            steps = [ { capacity = 2, cool-down = 2m } ]
            rules { ssh { capacity = 5, cool-down = 10 minutes } }
            limit = 7
            """,
            Everything.class);
    assertThat(read)
        .isEqualTo(
            new Everything(
                "a b",
                3,
                5_000_000_000L,
                0.5,
                true,
                Duration.ofSeconds(30),
                Path.of("/var/log/auth.log"),
                Mode.VERY_SAFE,
                new Rule(1, Duration.ofMinutes(1)),
                List.of("a", "b"),
                List.of(new Rule(2, Duration.ofMinutes(2))),
                Map.of("ssh", new Rule(5, Duration.ofMinutes(10))),
                Optional.empty(),
                Optional.of(7)));
  }

  @Test
  void anUnknownKeyIsNamedWithFileLineAndTheClosestOne(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("node.conf");
    Files.writeString(file, "rules {\n  x {\n    capcity = 3\n    cool-down = 1s\n  }\n}\n");
    Config config = ConfigFactory.parseFile(file.toFile());
    assertThatThrownBy(() -> RecordConfig.read(config, "plugins.log-watcher", WithRules.class))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "plugins.log-watcher.rules.x.capcity (%s:3): unknown key; did you mean capacity?"
                .formatted(file));
  }

  @Test
  void anUnknownKeyWithNothingCloseListsWhatIsKnown() {
    assertRefused("capacity = 1, zebra = 2", Small.class, "p.zebra", "known are capacity, mode");
  }

  @Test
  void aMissingKeyIsNamedWithItsType() {
    assertRefused("mode = fast", Small.class, "p.capacity", "missing; it is a whole number");
  }

  @Test
  void aNumberThatIsNoneIsRefused() {
    assertRefused("capacity = many", Small.class, "p.capacity", "'many' is not a whole number");
  }

  @Test
  void aFractionIsNotCutToAWholeNumber() {
    assertRefused("capacity = 3.5", Small.class, "p.capacity", "'3.5' is not a whole number");
  }

  @Test
  void anUnknownConstantListsTheKnownOnes() {
    assertRefused("capacity = 1, mode = slow", Small.class, "p.mode", "one of fast, very-safe");
  }

  @Test
  void aSingleValueIsNoList() {
    assertRefused("files = a", WithFiles.class, "p.files", "is no list; right is [ 'a' ]");
  }

  @Test
  void whatARecordItselfRefusesIsToldWithItsPlace() {
    assertRefused(
        "rules { x { capacity = 0, cool-down = 1s } }",
        WithRules.class,
        "p.rules.x (",
        "capacity is at least 1, not 0");
  }

  private static <T extends Record> T read(String text, Class<T> type) {
    return RecordConfig.read(ConfigFactory.parseString(text), "p", type);
  }

  private static void assertRefused(String text, Class<? extends Record> type, String... parts) {
    assertThatThrownBy(() -> read(text, type))
        .isInstanceOf(SettingsException.class)
        .satisfies(refusal -> assertThat(refusal.getMessage()).contains(parts));
  }
}
