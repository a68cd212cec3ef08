package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.cyphermesh.api.Detector;
import io.cyphermesh.core.plugin.JarBuilder;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plugins that do what they should not, dropped into a running node: each is shown with a reason,
 * and the node's link to another does not notice.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MisbehavingPluginsIT {
  /** Of 95 in 100; loaded build machines are slow in the others. */
  private static final Duration LATE = Duration.ofSeconds(1);

  /** The JVM stops for each collection of a full heap, on a slow machine a second in all. */
  private static final Duration LATE_WITH_A_FULL_HEAP = Duration.ofSeconds(2);

  /** While a plugin misbehaves; ten a second. */
  private static final int PROBED = 30;

  /** Peers that nobody has met before share 50 events/s, which is not the subject. */
  private static final String SETTINGS =
      "limits.reporter { newcomers-per-second = 1000, newcomers-burst = 1000 }\n";

  private static final String REPORT =
      "context.report(Detection.of(new Indicator.Ip(\"198.51.100.7\"), \"spam\", Severity.LOW)"
          + ".description(\"number \" + n++).build());";

  private static final String WAIT = "Thread.currentThread().join();";

  @TempDir private static Path folder;
  private Node a;
  private Node b;
  private LinkProbe probe;

  @BeforeAll
  void linkTwoNodes() throws Exception {
    a = Node.start(settings("a"), 0);
    b =
        Node.start(
            settings("b"),
            0,
            "--bootstrap",
            "CONNECT",
            "--seed-ip",
            "127.0.0.1",
            "--seed-port",
            Integer.toString(a.port()));
    await("a link")
        .atMost(Duration.ofSeconds(20))
        .until(() -> b.status().get("peersConnected").getAsInt() == 1);
    probe = LinkProbe.start(a, b);
    System.out.printf("before: %s%n", probe.take(PROBED));
  }

  private Path settings(String name) throws IOException {
    Path data = Files.createDirectories(folder.resolve(name));
    Files.writeString(data.resolve("cyphermesh.conf"), SETTINGS);
    return data;
  }

  @AfterAll
  void stop() throws Exception {
    if (probe != null) {
      probe.close();
    }
    for (Node node : new Node[] {b, a}) {
      if (node != null) {
        node.close();
      }
    }
  }

  @BeforeEach
  void forgetWhatWasMeasured() {
    probe.take(0);
  }

  /** Whatever the plugin did: the link was not slower, and the node goes on without it. */
  @AfterEach
  void theLinkDidNotNotice(TestInfo test) throws IOException {
    LinkProbe.Result result = probe.take(PROBED);
    System.out.printf("%s: %s%n", test.getDisplayName(), result);
    assertThat(result.percentile(95))
        .isLessThan(test.getDisplayName().equals("heap") ? LATE_WITH_A_FULL_HEAP : LATE);
    assertThat(a.isAlive()).isTrue();
    try (var jars = Files.list(plugins())) {
      for (Path jar : jars.toList()) {
        Files.delete(jar);
      }
    }
    await("no plugin but the bundled ones")
        .atMost(Duration.ofSeconds(40))
        .until(() -> a.plugins().stream().allMatch(MisbehavingPluginsIT::bundled));
  }

  private Path plugins() {
    return a.data().resolve("plugins");
  }

  private static boolean bundled(JsonObject plugin) {
    return plugin.getAsJsonObject("file").get("bundled").getAsBoolean();
  }

  private static String file(JsonObject plugin) {
    return plugin.get("file").isJsonNull()
        ? ""
        : plugin.getAsJsonObject("file").get("path").getAsString();
  }

  private JarBuilder plugin(String id) {
    return JarBuilder.plugin(folder, id);
  }

  /** As an operator would: whole, under its name. */
  private void drop(JarBuilder jar, String name) throws IOException {
    Path built = folder.resolve(name + ".built");
    jar.buildTo(built);
    Files.move(
        built,
        plugins().resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private JsonObject awaitPlugin(String id, String what, Predicate<JsonObject> state) {
    try {
      await(id + " that is " + what)
          .atMost(Duration.ofSeconds(60))
          .until(() -> find(id).filter(state).isPresent());
      return find(id).orElseThrow();
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + "; it is " + last(id), e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String last(String id) {
    try {
      return find(id).map(JsonObject::toString).orElse("not there");
    } catch (IOException e) {
      return "in a node that does not answer: " + e.getMessage();
    }
  }

  private Optional<JsonObject> find(String id) throws IOException {
    return a.plugins().stream()
        .filter(plugin -> plugin.get("id").getAsString().equals(id))
        .findFirst();
  }

  private static boolean is(JsonObject plugin, String state) {
    return plugin.get("state").getAsString().equals(state);
  }

  private static String reason(JsonObject plugin) {
    return plugin.get("lastError").isJsonNull() ? "" : plugin.get("lastError").getAsString();
  }

  private static boolean failed(JsonObject plugin, String reason) {
    return is(plugin, "FAILED") && reason(plugin).contains(reason);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          throws-in-run | throw new IllegalStateException("no such file"); | no such file
          throws-checked | throw new java.io.IOException("no such log"); | no such log
          throws-error | throw new AssertionError("never happens"); | AssertionError: never happens
          returns | return; | run() returned
          stack | deeper(0); | StackOverflowError
          own-memory-error | throw new OutOfMemoryError("of its own making"); | OutOfMemoryError: of its own making
          giant | long[] all = new long[Integer.MAX_VALUE - 8]; all[0] = 1; | OutOfMemoryError: Java heap space
          heap | List<byte[]> all = new ArrayList<>(); while (all != null) all.add(new byte[1 << 20]); | OutOfMemoryError: Java heap space
          threads-die | Thread.ofPlatform().start(() -> { throw new OutOfMemoryError("in a thread of its own"); }).join(); throw new IllegalStateException("its thread died"); | its thread died
          """)
  void aPluginThatFailsIsShownAsFailed(String id, String body, String reason) throws IOException {
    drop(
        plugin(id)
            .source(
                "D",
                "public class D implements Detector { public void run(DetectorContext context)"
                    + " throws Exception { if (context != null) { "
                    + body
                    + " } } public int deeper(int n) { return deeper(n + 1) + n; } }")
            .service(Detector.class, "plug.D"),
        id + ".jar");
    JsonObject plugin = awaitPlugin(id, "FAILED", it -> failed(it, reason));
    assertThat(reason(plugin)).hasLineCount(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          constructor | public D() { throw new IllegalStateException("not today"); } | not today
          initialiser | static { if (true) throw new IllegalStateException("not this class"); } | not this class
          link | static final Object X = new plug.Gone(); | Gone
          """)
  void aPluginThatCannotBeMadeIsShownAsFailed(String id, String member, String reason)
      throws IOException {
    Path gone = folder.resolve("without-gone");
    JarBuilder jar =
        plugin(id)
            .source("Gone", "public class Gone {}")
            .source(
                "D",
                "public class D implements Detector { "
                    + member
                    + " public void run(DetectorContext context) {} }")
            .service(Detector.class, "plug.D");
    jar.buildTo(gone);
    Path jarFile = plugins().resolve(id + ".jar");
    Files.move(without(gone, "plug/Gone.class"), jarFile, StandardCopyOption.ATOMIC_MOVE);
    JsonObject plugin = awaitPlugin(id, "FAILED", it -> failed(it, reason));
    assertThat(reason(plugin)).hasLineCount(1);
  }

  private static Path without(Path jar, String entry) throws IOException {
    try (var files =
        java.nio.file.FileSystems.newFileSystem(
            jar, java.util.Map.of("create", "false"), (ClassLoader) null)) {
      Files.delete(files.getPath(entry));
    }
    return jar;
  }

  @Test
  void aPluginThatFailsLaterIsTriedAgain() throws IOException {
    drop(
        plugin("later")
            .detector(
                "int n = 0; " + REPORT + "throw new IllegalStateException(\"after a while\");"),
        "later.jar");
    JsonObject plugin =
        awaitPlugin(
            "later",
            "FAILED after a restart",
            it -> failed(it, "after a while") && it.get("restarts").getAsLong() > 0);
    assertThat(plugin.get("produced").getAsLong()).isPositive();
    assertThat(plugin.get("nextTry").isJsonNull()).isFalse();
  }

  @Test
  void aPluginThatDoesNotStopIsWedgedAndCanBeReplaced() throws IOException {
    Path sign = folder.resolve("end-at-last");
    drop(
        plugin("deaf")
            .detector(
                "while (!Files.exists(Path.of(\"%s\"))) { try { Thread.sleep(50); }".formatted(sign)
                    + " catch (InterruptedException e) { /* it does not listen */ } }"),
        "deaf.jar");
    awaitPlugin("deaf", "ACTIVE", it -> is(it, "ACTIVE"));
    HttpResponse<String> answer = a.post("/api/v1/plugins/deaf/disable", "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonObject wedged = awaitPlugin("deaf", "WEDGED", it -> is(it, "WEDGED"));
    assertThat(reason(wedged)).contains("plug.D.run").hasLineCount(1);

    answer = a.post("/api/v1/plugins/deaf/enable", "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    drop(plugin("deaf").manifest("Plugin-Version", "2.0.0").detector(WAIT), "deaf.jar");
    awaitPlugin(
        "deaf",
        "ACTIVE in its version 2",
        it -> is(it, "ACTIVE") && it.get("version").getAsString().equals("2.0.0"));
    // As long as the former run is there, so is its plugin.
    Files.createFile(sign);
  }

  @Test
  void theLeftBehindRunOfAWedgedPluginReportsNoMore() throws IOException {
    Path sign = folder.resolve("go-on");
    drop(
        plugin("zombie")
            .detector(
                "int n = 0; while (!Files.exists(Path.of(\"%s\"))) { try { Thread.sleep(50); } catch"
                        .formatted(sign)
                    + " (InterruptedException e) { /* it does not listen */ } } try { "
                    + REPORT
                    + " Files.writeString(Path.of(\"%s\"), \"reported\"); } catch (Throwable e) {"
                        .formatted(sign)
                    + " Files.writeString(Path.of(\"%s\"), \"refused\"); throw e; }"
                        .formatted(sign)),
        "zombie.jar");
    awaitPlugin("zombie", "ACTIVE", it -> is(it, "ACTIVE"));
    long stored = own();
    Files.delete(plugins().resolve("zombie.jar"));
    await("a plugin that is gone or shown as wedged")
        .atMost(Duration.ofSeconds(40))
        .until(() -> find("zombie").map(it -> is(it, "WEDGED")).orElse(true));
    Files.createFile(sign);
    await("its last word")
        .atMost(Duration.ofSeconds(20))
        .until(() -> !Files.readString(sign).isEmpty());
    assertThat(Files.readString(sign)).isEqualTo("refused");
    assertThat(own()).isEqualTo(stored);
  }

  private long own() throws IOException {
    return a.newestEvents(500).stream()
        .filter(event -> event.get("threat_type").getAsString().equals("spam"))
        .count();
  }

  @Test
  void aPluginThatSpamsIsSlowedDownAndSaysSo() throws IOException {
    drop(plugin("spam").detector("int n = 0; while (true) { " + REPORT + " }"), "spam.jar");
    // A slow machine signs hardly more than it may report, and takes long to use up its burst.
    await("spam that is held up")
        .atMost(Duration.ofMinutes(3))
        .until(() -> find("spam").filter(it -> reason(it).contains("200")).isPresent());
    long begin = System.nanoTime();
    long before = find("spam").orElseThrow().get("produced").getAsLong();
    JsonObject plugin =
        awaitPlugin("spam", "held up", it -> it.get("produced").getAsLong() >= before + 1_000);
    double perSecond =
        (plugin.get("produced").getAsLong() - before) * 1e9 / (System.nanoTime() - begin);
    System.out.printf("spam: %.0f reports/s%n", perSecond);
    assertThat(perSecond).isLessThan(400);
    assertThat(plugin.get("state").getAsString()).isEqualTo("ACTIVE");
    assertThat(reason(plugin)).contains("200");
  }

  @Test
  void aPluginThatIsBlockedInReportCanBeStopped() throws IOException {
    drop(plugin("flood").detector("int n = 0; while (true) { " + REPORT + " }"), "flood.jar");
    awaitPlugin("flood", "held up", it -> it.get("produced").getAsLong() >= 2_000);
    HttpResponse<String> answer = a.post("/api/v1/plugins/flood/disable", "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    awaitPlugin("flood", "DISABLED", it -> is(it, "DISABLED"));
    answer = a.post("/api/v1/plugins/flood/enable", "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void leakedThreadsEndWithTheirPlugin() throws IOException {
    long before = a.threads();
    drop(
        plugin("leaky")
            .detector(
                "for (int i = 0; i < 200; i++) { new Thread(() -> { try { "
                    + WAIT
                    + " } catch (InterruptedException e) { /* the end */ } }).start(); } "
                    + WAIT),
        "leaky.jar");
    awaitPlugin("leaky", "ACTIVE", it -> is(it, "ACTIVE"));
    await().atMost(Duration.ofSeconds(20)).until(() -> a.threads() >= before + 200);
    Files.delete(plugins().resolve("leaky.jar"));
    await("no leaked thread").atMost(Duration.ofSeconds(40)).until(() -> a.threads() < before + 50);
  }

  /** What a manifest may be made to say. */
  static List<Nonsense> manifests() {
    return List.of(
        new Nonsense("no-id", "Plugin-Id", "", "Plugin-Id"),
        new Nonsense("path-id", "Plugin-Id", "../../keys", "Plugin-Id"),
        new Nonsense("long-id", "Plugin-Id", "x".repeat(5_000), "Plugin-Id"),
        new Nonsense("no-version", "Plugin-Version", "", "Plugin-Version"),
        new Nonsense("odd-version", "Plugin-Version", "the newest", "Plugin-Version"),
        new Nonsense("odd-range", "Plugin-Requires", "^^^!!", "Plugin-Requires"),
        new Nonsense("other-api", "Plugin-Requires", "^99.0.0", "99.0.0"),
        new Nonsense("odd-class", "Plugin-Class", "not a class", "not a class"),
        new Nonsense("no-plugin-class", "Plugin-Class", "java.lang.String", "java.lang.String"),
        new Nonsense("needs-gone", "Plugin-Dependencies", "gone@9.9", "gone"));
  }

  /**
   * A manifest with one line wrong.
   *
   * @param reason what is said of it
   */
  record Nonsense(String name, String key, String value, String reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aNonsensicalManifestIsRefusedWithAReason(Nonsense nonsense) throws IOException {
    JarBuilder jar = plugin(nonsense.name()).detector(WAIT);
    drop(
        nonsense.value().isEmpty()
            ? jar.without(nonsense.key())
            : jar.manifest(nonsense.key(), nonsense.value()),
        nonsense.name() + ".jar");
    JsonObject plugin = awaitRefused(nonsense.name() + ".jar", nonsense.reason());
    assertThat(reason(plugin)).hasLineCount(1).hasSizeLessThan(600);
    assertThat(find("tcp-transport").orElseThrow().get("state").getAsString()).isEqualTo("ACTIVE");
  }

  @Test
  void aFileThatIsNoJarIsRefusedWithAReason() throws IOException {
    Files.writeString(plugins().resolve("text.jar"), "this is no jar");
    Files.createFile(plugins().resolve("empty.jar"));
    awaitRefused("text.jar", "");
    awaitRefused("empty.jar", "");
  }

  /** A refused jar is known by its file where it has no proper id. */
  private JsonObject awaitRefused(String file, String reason) throws IOException {
    try {
      await(file + " that is refused because of " + reason)
          .atMost(Duration.ofSeconds(40))
          .until(() -> refused(file).filter(it -> reason(it).contains(reason)).isPresent());
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + "; there are " + a.plugins(), e);
    }
    return refused(file).orElseThrow();
  }

  private Optional<JsonObject> refused(String file) throws IOException {
    return a.plugins().stream()
        .filter(plugin -> is(plugin, "FAILED") && file(plugin).endsWith("/" + file))
        .filter(plugin -> !reason(plugin).isEmpty())
        .findFirst();
  }
}
