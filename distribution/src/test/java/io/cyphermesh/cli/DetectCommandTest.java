package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectCommandTest {
  private static final Instant WRITTEN = Instant.parse("2016-12-10T12:00:00Z");

  @TempDir private Path folder;
  private Path data;
  private Trial trial;

  @BeforeEach
  void prepare() throws IOException {
    data = folder.resolve("data");
    trial = new Trial(data);
    WordDetector.install(folder.resolve("plugins"));
  }

  @Test
  void peopleGetATableAndASummary() throws IOException {
    Trial.Outcome outcome = detect(log("a.log", "attack 192.0.2.7\nnothing\nattack 192.0.2.8\n"));
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.lines()).hasSize(4);
    assertThat(outcome.lines().get(0)).startsWith("SOURCE").contains("RULE");
    assertThat(outcome.lines().get(1))
        .startsWith("192.0.2.7")
        .contains("high", "test-attack", "2016-12-10T12:00:00Z", "word-rule");
    assertThat(outcome.lines().get(3)).startsWith("3 lines read, 2 matched, 2 detections, ");
  }

  @Test
  void nothingFoundIsNoFailure() throws IOException {
    Trial.Outcome outcome = detect(log("a.log", "nothing\n"));
    assertThat(outcome.code()).isZero();
    assertThat(outcome.lines()).singleElement().asString().startsWith("1 lines read, 0 matched, 0");
  }

  @Test
  void jsonIsAnObjectADetectionAndNothingElse() throws IOException {
    Trial.Outcome outcome = detect(log("a.log", "nothing\nattack 192.0.2.7\n"), "--json");
    JsonObject object = outcome.json();
    assertThat(object.keySet())
        .containsExactly(
            "source",
            "type",
            "severity",
            "count",
            "first_seen",
            "last_seen",
            "rule",
            "detector",
            "technique",
            "target");
    assertThat(outcome.out())
        .contains("\"source\":\"192.0.2.7\"", "\"count\":3", "\"detector\":\"words\"")
        .contains("\"first_seen\":\"2016-12-10T12:00:00Z\"", "\"port\":22");
    assertThat(outcome.err()).startsWith("2 lines read");
  }

  @Test
  void explainNamesTheRuleOrSaysWhyNone() throws IOException {
    String file = log("a.log", "attack 192.0.2.7\n\u001b[31mred\n");
    Trial.Outcome outcome = detect(file, "--explain");
    assertThat(outcome.lines())
        .startsWith(
            file + ":1 word-rule: reported",
            "    attack 192.0.2.7",
            file + ":2 no rule: no attack",
            "    \\u001b[31mred");
    Trial.Outcome json = detect(file, "--explain", "--json");
    assertThat(json.lines()).hasSize(3);
    assertThat(Json.object(json.lines().getLast()).toString())
        .isEqualTo(
            "{\"file\":\""
                + file
                + "\",\"line\":2,\"detector\":\"words\",\"rule\":null,\"reason\":\"no attack\","
                + "\"text\":\"\\u001b[31mred\"}");
  }

  @Test
  void filesArePlainOrGzipAndReadInTheirOrder() throws IOException {
    Path packed = folder.resolve("packed");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write("attack 192.0.2.1\n".getBytes(StandardCharsets.UTF_8));
    }
    Trial.Outcome outcome =
        trial
            .piping("attack 192.0.2.3")
            .run(
                "detect",
                "--json",
                "--plugins",
                folder.resolve("plugins").toString(),
                packed.toString(),
                log("a.log", "attack 192.0.2.2"),
                "-");
    assertThat(outcome.lines())
        .extracting(line -> Json.text(Json.object(line), "source").orElse(""))
        .containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
  }

  @Test
  void theUsersSettingsCount() throws IOException {
    Path config = Files.writeString(folder.resolve("my.conf"), "plugins.words.word = bad\n");
    String file = log("a.log", "attack 192.0.2.7\nbad 192.0.2.8\n");
    assertThat(detect(file, "--json", "--config", config.toString()).out())
        .contains("192.0.2.8")
        .doesNotContain("192.0.2.7");
  }

  @Test
  void wrongSettingsAreWrongUsage() throws IOException {
    Path config = Files.writeString(folder.resolve("my.conf"), "plugins.words.wort = bad\n");
    Trial.Outcome outcome = detect(log("a.log", "x\n"), "--config", config.toString());
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).singleElement().asString().contains("plugins.words.wort");
  }

  @Test
  void anUnknownDetectorIsToldWithThoseThatThereAre() throws IOException {
    Trial.Outcome outcome = detect(log("a.log", "x\n"), "--detector", "wrods");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err().lines())
        .singleElement()
        .asString()
        .contains("'wrods'", "there are words");
  }

  @Test
  void aDetectorIsPickedByItsPluginsId() throws IOException {
    assertThat(detect(log("a.log", "attack 192.0.2.7\n"), "--detector", "words").out())
        .contains("192.0.2.7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "missing.log"})
  void whatCannotBeReadIsOneLineBeforeAnythingIsPrinted(String name) throws IOException {
    Trial.Outcome outcome =
        detect(log("a.log", "attack 192.0.2.7\n"), folder.resolve(name).toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).hasSize(1);
  }

  @Test
  void withoutPluginsThereIsNothingToRun() throws IOException {
    Trial.Outcome outcome = trial.run("detect", log("a.log", "x\n"));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines()).singleElement().asString().contains("no plugin");
  }

  @Test
  void noDataDirectoryIsMade() throws IOException {
    detect(log("a.log", "attack 192.0.2.7\n"));
    assertThat(data).doesNotExist();
  }

  @Test
  void whereNobodyReadsTheOutputTheEndIsSilent() throws IOException {
    trial.unheard();
    Trial.Outcome outcome = detect(log("a.log", "attack 192.0.2.7\n".repeat(5000)));
    assertThat(outcome.code()).isEqualTo(141);
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void moreThanOneTableHoldsIsPrintedInSeveral() throws IOException {
    Trial.Outcome outcome = detect(log("a.log", "attack 192.0.2.7\n".repeat(2500)));
    assertThat(outcome.lines()).hasSize(2500 + 3 + 1);
  }

  private String log(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    Files.setLastModifiedTime(file, FileTime.from(WRITTEN));
    return file.toString();
  }

  private Trial.Outcome detect(String file, String... more) {
    String[] arguments = new String[more.length + 4];
    arguments[0] = "detect";
    arguments[1] = "--plugins";
    arguments[2] = folder.resolve("plugins").toString();
    arguments[3] = file;
    System.arraycopy(more, 0, arguments, 4, more.length);
    return trial.run(arguments);
  }
}
