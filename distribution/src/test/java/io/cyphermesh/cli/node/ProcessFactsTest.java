package io.cyphermesh.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.settings.SettingsReader;
import io.cyphermesh.dashboard.ProcessView;
import io.cyphermesh.dashboard.ProcessView.Log;
import io.cyphermesh.dashboard.ProcessView.Setting;
import io.cyphermesh.dashboard.ProcessView.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFactsTest {
  private static final String TOKEN = "the-token-that-nobody-may-see";

  @TempDir private Path home;
  private final Map<String, String> environment = new HashMap<>();
  private final Flags flags = new Flags();
  private Path data = Path.of("");

  @BeforeEach
  void settle() throws IOException {
    data = Files.createDirectories(home.resolve(".cyphermesh"));
    Files.createDirectories(data.resolve("logs"));
    Files.writeString(data.resolve("api-token"), TOKEN + "\n");
  }

  private ProcessFacts facts(String file) throws IOException {
    Files.writeString(data.resolve("cyphermesh.conf"), file);
    return new ProcessFacts(
        new SettingsReader(environment, home, Optional.empty()).read(flags), environment);
  }

  private static Setting setting(ProcessFacts facts, String path) {
    return facts.settings().stream()
        .filter(each -> each.path().equals(path))
        .findFirst()
        .orElseThrow();
  }

  private Optional<String> line(int number) {
    return Optional.of(data.resolve("cyphermesh.conf") + ":" + number);
  }

  @Test
  void eachSettingTellsWhoSaidIt() throws IOException {
    environment.put("CYPHER_LOG_LEVEL", "debug");
    environment.put("CYPHER_PORT", "9102");
    flags.with("--port", "9103").with("--no-discovery", "");
    ProcessFacts facts = facts("accept-v1 = no\n\nlimits { sessions = 12 }\nport = 9101");
    assertThat(setting(facts, "port"))
        .isEqualTo(new Setting("port", "9103", Source.COMMAND_LINE, Optional.of("--port"), false));
    assertThat(setting(facts, "log.level"))
        .isEqualTo(
            new Setting(
                "log.level",
                "\"debug\"",
                Source.ENVIRONMENT,
                Optional.of("CYPHER_LOG_LEVEL"),
                false));
    assertThat(setting(facts, "discovery"))
        .isEqualTo(
            new Setting(
                "discovery", "false", Source.COMMAND_LINE, Optional.of("--no-discovery"), false));
    assertThat(setting(facts, "limits.sessions"))
        .isEqualTo(new Setting("limits.sessions", "12", Source.FILE, line(3), false));
    assertThat(setting(facts, "accept-v1").source()).isEqualTo(Source.FILE);
    assertThat(setting(facts, "limits.link.hello"))
        .isEqualTo(
            new Setting("limits.link.hello", "\"5s\"", Source.DEFAULT, Optional.empty(), false));
    assertThat(setting(facts, "dashboard.port"))
        .isEqualTo(new Setting("dashboard.port", "5050", Source.DEFAULT, Optional.empty(), false));
  }

  @Test
  void secretsAreMaskedWhereverTheyStand() throws IOException {
    ProcessFacts facts =
        facts(
            """
            plugins.webhook-exporter {
              url = "https://user:pass-word@hooks.example/T0/path?key=query-secret"
              headers { X-Api-Key = "header-secret" }
              token = "webhook-secret"
            }
            plugins.other.note = "it says webhook-secret"
            """);
    String all = facts.settings().toString();
    assertThat(all)
        .doesNotContain("pass-word")
        .doesNotContain("query-secret")
        .doesNotContain("header-secret")
        .doesNotContain("webhook-secret");
    assertThat(setting(facts, "plugins.webhook-exporter.token"))
        .isEqualTo(
            new Setting(
                "plugins.webhook-exporter.token", "\"[removed]\"", Source.FILE, line(4), true));
    assertThat(setting(facts, "plugins.other.note").masked()).isTrue();
    assertThat(setting(facts, "plugins.webhook-exporter.url").masked()).isTrue();
  }

  @Test
  void aVariableThatTheFileNamesIsTheSource() throws IOException {
    ProcessFacts facts = facts("plugins.mine.home = ${PATH}\nplugins.mine.both = \"x \"${PATH}");
    assertThat(setting(facts, "plugins.mine.home").source()).isEqualTo(Source.ENVIRONMENT);
    assertThat(setting(facts, "plugins.mine.both").source()).isEqualTo(Source.FILE);
    assertThat(setting(facts, "plugins.mine.both").where()).isEqualTo(line(2));
  }

  private static String entry(int number, String level, String message) {
    return "2026-11-22T10:00:00.%03d+00:00 %-5s Thing  %s%n".formatted(number, level, message);
  }

  @Test
  void theLogsEndComesWithLevelsAndWithoutSecrets() throws IOException {
    Files.writeString(
        data.resolve("logs/cyphermesh.log"),
        entry(1, "INFO", "started")
            + entry(2, "ERROR", "failed with " + TOKEN)
            + "    java.lang.IllegalStateException: password=hunter-two\n"
            + entry(3, "WARN", "Authorization: Bearer abcdefghijkl"));
    Log log = facts("").log(3);
    assertThat(log.more()).isTrue();
    assertThat(log.file()).contains(data.resolve("logs/cyphermesh.log").toString());
    assertThat(log.lines())
        .extracting(ProcessView.Line::level)
        .containsExactly(Optional.of("ERROR"), Optional.of("ERROR"), Optional.of("WARN"));
    assertThat(log.lines().toString())
        .doesNotContain(TOKEN)
        .doesNotContain("hunter-two")
        .doesNotContain("abcdefghijkl")
        .contains("[removed]");
  }

  @Test
  void justAfterItWasRolledTheOldOneIsReadAsWell() throws IOException {
    Files.writeString(
        data.resolve("logs/cyphermesh.1.log"), entry(1, "INFO", "a") + entry(2, "INFO", "b"));
    Files.writeString(data.resolve("logs/cyphermesh.log"), entry(3, "INFO", "c"));
    assertThat(facts("").log(2).lines())
        .extracting(ProcessView.Line::text)
        .satisfiesExactly(
            text -> assertThat(text).endsWith("  b"), text -> assertThat(text).endsWith("  c"));
  }

  @Test
  void aHugeLogIsReadFromItsEndOnly() throws IOException {
    Files.writeString(
        data.resolve("logs/cyphermesh.log"), entry(1, "INFO", "x".repeat(200)).repeat(20_000));
    Log log = facts("").log(500);
    assertThat(log.lines()).hasSize(500);
    assertThat(log.more()).isTrue();
  }

  @Test
  void withoutALogThereIsNone() throws IOException {
    assertThat(facts("").log(10)).isEqualTo(new Log(Optional.empty(), List.of(), false));
  }
}
