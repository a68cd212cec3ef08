package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.core.plugin.DetectorReplay.Limits;
import io.cyphermesh.core.source.ReplayInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectorReplayTest {
  private static final Instant TIME = Instant.parse("2016-12-10T12:00:00Z");

  /** Reports each line's text as the type, with the clock's time. */
  private static final String ECHO =
      follow(
          "context.matched(); context.report(Detection.of(new Indicator.Ip(\"2001:DB8:0::7\"),"
              + " line, Severity.LOW).firstSeen(context.clock().instant()).build());");

  @TempDir Path directory;

  private final Kept output = new Kept();
  private final List<DetectorReplay> replays = new ArrayList<>();
  private Limits limits = new Limits(Duration.ofSeconds(20), Duration.ofSeconds(20));

  @AfterEach
  void close() {
    replays.forEach(DetectorReplay::close);
  }

  @Test
  void linesComeInOrderWhateverFilesTheDetectorAsksFor() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n2"), input("y", "3\n")), false, output);
    assertThat(output.types()).containsExactly("1", "2", "3");
    assertThat(output.lines).isEqualTo(3);
    assertThat(output.matched).isEqualTo(3);
    assertThat(output.bytes).isEqualTo(5);
  }

  @Test
  void addressesAreInTheNodesForm() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.detections.getFirst().indicator().value()).isEqualTo("2001:db8::7");
  }

  @Test
  void thePresentIsWhenTheFileWasWritten() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.detections.getFirst().firstSeen()).contains(TIME);
  }

  @Test
  void whatADetectorKeptForTheEndIsHeard() throws Exception {
    plugin("a").detector(follow("") + report("\"end\"")).buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.types()).containsExactly("end");
  }

  @Test
  void manyReportsAtTheEndAreNotToldToWaitForEver() throws Exception {
    plugin("a")
        .detector(follow("") + "for (int i = 0; i < 5000; i++) {" + report("\"end\"") + "}")
        .buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.detections).hasSize(5000);
  }

  @Test
  void detectorsGetTheSameLinesAndSpeakInOrder() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    plugin("b").detector(ECHO).buildTo(jar("b"));
    String text = "x\ny\n".repeat(20_000);
    DetectorReplay replay = load("");
    replay.run(replay.enabled(), List.of(input("x", text)), false, output);
    assertThat(output.said.subList(0, 4)).containsExactly("a x", "b x", "a y", "b y");
    assertThat(output.said).hasSize(80_000);
  }

  @Test
  void aDisabledPluginRunsOnlyWhereItIsNamed() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    DetectorReplay replay = load("plugins.a.enabled = false");
    assertThat(replay.enabled()).isEmpty();
    assertThat(replay.named("a")).containsExactly("a");
    replay.run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.types()).containsExactly("1");
  }

  @Test
  void ofAPluginWithSeveralEachHasAName() throws Exception {
    plugin("a")
        .source("D", detector("D", ECHO))
        .source("E", detector("E", ECHO))
        .service(Detector.class, "plug.D", "plug.E")
        .buildTo(jar("a"));
    DetectorReplay replay = load("");
    assertThat(replay.detectors()).containsExactly("a/D", "a/E");
    assertThat(replay.named("a")).containsExactly("a/D", "a/E");
    assertThat(replay.named("E")).containsExactly("a/E");
    assertThat(replay.named("plug.D")).containsExactly("a/D");
    assertThat(replay.named("b")).isEmpty();
  }

  @Test
  void theOperatorsSectionCounts() throws Exception {
    plugin("a")
        .source("Wish", "public record Wish(String word) {}")
        .detector("String word = context.config(Wish.class).word();" + follow(report("word")))
        .entry("reference.conf", "word = default")
        .buildTo(jar("a"));
    load("plugins.a.word = mine").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.types()).containsExactly("mine");
  }

  @Test
  void wrongSettingsAreToldAsSuch() throws Exception {
    plugin("a")
        .source("Wish", "public record Wish(String word) {}")
        .detector("context.config(Wish.class);" + follow(""))
        .entry("reference.conf", "word = default")
        .buildTo(jar("a"));
    ReplayException e = failure("plugins.a.wort = mine", input("x", "1\n"));
    assertThat(e.settings()).isTrue();
    assertThat(e).hasMessageContaining("plugins.a.wort");
  }

  @Test
  void aReasonIsGivenForEveryLine() throws Exception {
    plugin("a")
        .detector(
            follow(
                "if (line.equals(\"hit\")) context.trace(line, \"r\", \"why\");"
                    + " if (line.equals(\"miss\")) context.trace(line, \"\", \"why not\");"))
        .buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "hit\nmiss\nother\n")), true, output);
    assertThat(output.said)
        .containsExactly(
            "x:1 hit a r: why", "x:2 miss a : why not", "x:3 other  : no detector looks at it");
  }

  @Test
  void whereOneRuleMatchedNoneSaysWhyItDidNot() throws Exception {
    plugin("a").detector(follow("context.trace(line, \"\", \"not mine\");")).buildTo(jar("a"));
    plugin("b").detector(follow("context.trace(line, \"r\", \"mine\");")).buildTo(jar("b"));
    load("").run(List.of("a", "b"), List.of(input("x", "line\n")), true, output);
    assertThat(output.said).containsExactly("x:1 line b r: mine");
  }

  @Test
  void withoutTracingNobodyIsAsked() throws Exception {
    plugin("a")
        .detector(
            follow("if (context.tracing()) throw new Error(); context.trace(line,\"r\",\"\");"))
        .buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.said).isEmpty();
  }

  @Test
  void aDetectorThatFailsNamesTheLine() throws Exception {
    plugin("a")
        .detector(follow("if (line.equals(\"3\")) throw new java.io.IOException(\"bad\");"))
        .buildTo(jar("a"));
    assertThat(failure("", input("auth.log", "1\n2\n3\n4\n")))
        .hasMessage("a failed: IOException: bad (at auth.log:3)");
  }

  @Test
  void aDetectorThatSwallowsTheEndOfItsLinesFails() throws Exception {
    plugin("a")
        .detector("try {" + follow("throw new Exception(\"bad\");") + "} catch (Exception e) {}")
        .buildTo(jar("a"));
    assertThat(failure("", input("x", "1\n".repeat(1_000_000)))).hasMessageContaining("bad");
  }

  @Test
  void oneThatReadsNoFilesIsLeftOut() throws Exception {
    limits = new Limits(Duration.ofMillis(100), Duration.ofSeconds(20));
    plugin("a").detector("Thread.sleep(Long.MAX_VALUE);").buildTo(jar("a"));
    plugin("b").detector("").buildTo(jar("b"));
    plugin("c").detector(ECHO).buildTo(jar("c"));
    load("").run(List.of("c", "a", "b"), List.of(input("x", "1\n")), false, output);
    assertThat(output.types()).containsExactly("1");
    assertThat(output.notes).hasSize(2).allMatch(note -> note.contains("reads no files"));
  }

  @Test
  void whatElseAPluginWatchesBesideFilesIsNoNews() throws Exception {
    plugin("a")
        .source("D", detector("D", ECHO))
        .source("E", detector("E", ""))
        .service(Detector.class, "plug.D", "plug.E")
        .buildTo(jar("a"));
    load("").run(List.of("a/D", "a/E"), List.of(input("x", "1\n")), false, output);
    assertThat(output.types()).containsExactly("1");
    assertThat(output.notes).isEmpty();
  }

  @Test
  void whereNoneReadsFilesTheReplayFails() throws Exception {
    plugin("a").detector("").buildTo(jar("a"));
    assertThat(failure("", input("x", "1\n"))).hasMessageContaining("nothing to replay");
  }

  @Test
  void oneThatDoesNotEndIsLeftBehind() throws Exception {
    limits = new Limits(Duration.ofSeconds(20), Duration.ofMillis(100));
    plugin("a").detector(ECHO + "Thread.sleep(Long.MAX_VALUE);").buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    assertThat(output.types()).containsExactly("1");
    assertThat(output.notes).singleElement().asString().contains("did not end");
  }

  @Test
  void nothingIsSavedAndNothingWasSaved() throws Exception {
    plugin("a")
        .detector(
            "if (context.checkpoint().saved().isPresent() || !context.replaying()) throw new"
                + " Error(); context.checkpoint().save(new byte[9]);"
                + " Files.createFile(context.dataDirectory().resolve(\"f\"));"
                + ECHO)
        .buildTo(jar("a"));
    load("").run(List.of("a"), List.of(input("x", "1\n")), false, output);
    try (Stream<Path> folders = Files.list(directory)) {
      assertThat(folders.filter(Files::isDirectory).map(Path::getFileName).map(String::valueOf))
          .contains("scratch", "plugins")
          .doesNotContain("plugins-data", "plugins-running");
    }
  }

  @Test
  void anInputThatCannotBeReadIsNamedBehindWhatWasFound() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    ReplayInput bad =
        new ReplayInput(
            "bad.log",
            Path.of("/bad.log"),
            TIME,
            () -> {
              throw new IOException("Input/output error");
            });
    DetectorReplay replay = load("");
    assertThatThrownBy(
            () -> replay.run(List.of("a"), List.of(input("x", "1\n"), bad), false, output))
        .isInstanceOf(IOException.class)
        .hasMessage("bad.log: Input/output error");
    assertThat(output.types()).containsExactly("1");
  }

  @Test
  void aBrokenJarIsAProblemOfItsOwn() throws Exception {
    plugin("a").detector(ECHO).buildTo(jar("a"));
    Files.writeString(directory.resolve("plugins/b.jar"), "no jar");
    DetectorReplay replay = load("");
    assertThat(replay.detectors()).containsExactly("a");
    assertThat(replay.problems()).singleElement().asString().contains("b.jar");
  }

  private JarBuilder plugin(String id) {
    return JarBuilder.plugin(directory, id);
  }

  private Path jar(String name) {
    return directory.resolve("plugins").resolve(name + ".jar");
  }

  private DetectorReplay load(String config) throws IOException {
    DetectorReplay replay =
        DetectorReplay.load(
            new PluginHostSettings(
                directory.resolve("data"),
                List.of(PluginFolder.own(directory.resolve("plugins"))),
                ConfigFactory.parseString(config)),
            directory.resolve("scratch"),
            limits);
    replays.add(replay);
    return replay;
  }

  private ReplayException failure(String config, ReplayInput input) throws IOException {
    DetectorReplay replay = load(config);
    return catchThrowableOfType(
        ReplayException.class, () -> replay.run(List.of("a"), List.of(input), false, output));
  }

  private static ReplayInput input(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new ReplayInput(name, Path.of("/" + name), TIME, () -> new ByteArrayInputStream(bytes));
  }

  private static String follow(String body) {
    return "context.follow(new FollowRequest(List.of(\"/nowhere\"), FollowRequest.From.END),"
        + " (line, file) -> { "
        + body
        + " });";
  }

  private static String report(String type) {
    return "context.report(Detection.of(new Indicator.Ip(\"192.0.2.1\"), "
        + type
        + ", Severity.LOW).build());";
  }

  private static String detector(String name, String body) {
    return "public class "
        + name
        + " implements Detector { public void run(DetectorContext context) throws Exception { "
        + body
        + " } }";
  }

  private static final class Kept implements ReplayOutput {
    private final List<Detection> detections = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long bytes;
    private long lines;
    private long matched;

    List<String> types() {
      return detections.stream().map(Detection::threatType).toList();
    }

    @Override
    public void detected(String detector, Detection detection) {
      detections.add(detection);
      said.add(detector + " " + detection.threatType());
    }

    @Override
    public void explained(
        ReplayInput input, long number, String line, String detector, String rule, String reason) {
      said.add(
          input.name() + ":" + number + " " + line + " " + detector + " " + rule + ": " + reason);
    }

    @Override
    public void progress(long bytesRead, long linesRead, long linesMatched) {
      bytes = bytesRead;
      lines = linesRead;
      matched = linesMatched;
    }

    @Override
    public void note(String text) {
      notes.add(text);
    }
  }
}
