package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeFile;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.plugin.PluginInspection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The commands for plugins, against folders, and a REST interface that answers as a node's does.
 */
class PluginsCommandTest {
  @TempDir private Path folder;
  private Path data;
  private Trial trial;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  /** What is listed, one answer after the other; the last one for ever. */
  private final List<String> lists = new ArrayList<>();

  private int orderStatus = 200;
  private String orderAnswer = "{}";
  private Optional<HttpServer> server = Optional.empty();
  private Optional<NodeLock> lock = Optional.empty();

  @BeforeEach
  void prepare() {
    data = folder.resolve("data");
    trial = new Trial(data);
  }

  @AfterEach
  void stop() throws IOException {
    server.ifPresent(each -> each.stop(0));
    if (lock.isPresent()) {
      lock.get().close();
    }
  }

  private void node(String... answers) throws IOException {
    lists.addAll(Arrays.asList(answers));
    DataDirectory directory = new DataDirectory(data);
    lock = NodeLock.tryAcquire(directory);
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.start();
    server = Optional.of(http);
    new NodeFile(
            1, URI.create("http://127.0.0.1:" + http.getAddress().getPort()), Instant.EPOCH, "1")
        .write(directory);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath();
    requests.add(request);
    boolean list = request.equals("GET /api/v1/plugins");
    String text =
        list
            ? "{\"plugins\": [" + (lists.size() > 1 ? lists.removeFirst() : lists.getFirst()) + "]}"
            : orderAnswer;
    byte[] bytes = text.replace("@MODIFIED@", modified()).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(list ? 200 : orderStatus, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /** Of the installed file. */
  private String modified() throws IOException {
    return Files.exists(target()) ? Files.getLastModifiedTime(target()).toInstant().toString() : "";
  }

  private Path target() {
    return data.resolve("plugins/words-1.1.0.jar");
  }

  /** The file as the node shows it. */
  private static String file(Path path, String modified) {
    return file(path, modified, false);
  }

  private static String file(Path path, String modified, boolean bundled) {
    return "{\"path\": \"%s\", \"bundled\": %s, \"sha256\": null, \"modified\": \"%s\"}"
        .formatted(path, bundled, modified);
  }

  private static String upgrade(String plugin, String reason, String file) {
    return plugin.replace(
        "\"extensions\"",
        "\"upgrade\": {\"version\": \"1.1.0\", \"reason\": \"%s\", \"file\": %s}, \"extensions\""
            .formatted(reason, file));
  }

  private static String onTrial(String plugin) {
    return plugin.replace(
        "\"extensions\"", "\"trialEnds\": \"2026-11-22T10:00:05Z\", \"extensions\"");
  }

  private static String watcher(String state, String error) {
    return """
        {"id": "log-watcher", "version": "0.1.0", "provider": "CypherMesh",
         "description": "Detects attacks", "requires": "^0.1.0", "kinds": ["detector"],
         "state": "%s", "since": "2026-11-22T09:58:30Z", "produced": 12, "refused": 2, "restarts": 1,
         "lastError": %s, "errorAt": %s, "nextTry": null, "lag": null,
         "file": {"path": "/opt/plugins/log-watcher.jar", "bundled": true, "sha256": "%s"},
         "extensions": [{"kind": "detector", "type": "org.example.Watch", "state": "%s",
           "since": "2026-11-22T09:58:30Z", "produced": 12, "refused": 2, "restarts": 1,
           "lastError": null, "errorAt": null, "nextTry": null, "lag": null}]}\
        """
        .formatted(
            state,
            error,
            error.equals("null") ? "null" : "\"at A.b(A.java:7)\"",
            "ab".repeat(32),
            state);
  }

  private static String words(String id, String version, String state, String error, String file) {
    return """
        {"id": "%s", "version": "%s", "kinds": ["detector"], "state": "%s", "since": "9999-01-01T00:00:00Z",
         "lastError": %s, "file": %s, "extensions": []}\
        """
        .formatted(id, version, state, error, file);
  }

  private Path jar(String version) throws IOException {
    return jar(Map.of("Plugin-Id", "words", "Plugin-Version", version));
  }

  private Path jar(Map<String, String> attributes) throws IOException {
    Path jar = folder.resolve("downloaded.jar");
    WordDetector.write(jar, attributes);
    return jar;
  }

  private List<String> installed() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("plugins"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertFails(Trial.Outcome outcome, int code, String... words) {
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
    assertThat(outcome.err().lines()).singleElement().asString().contains(words);
  }

  // What is there

  @Test
  void theListIsATableForPeopleAndLinesForPrograms() throws Exception {
    node(watcher("ACTIVE", "null") + "," + watcher("FAILED", "\"\\u001b[2J gone\""));
    Trial.Outcome table = trial.run("plugins", "list");
    assertThat(table).isEqualTo(trial.run("plugins"));
    assertThat(table.lines()).hasSize(3);
    assertThat(table.lines().get(1)).contains("log-watcher", "ACTIVE", "12 reported, 2 refused");
    assertThat(table.out()).contains("\\u001b[2J gone").doesNotContain("\u001b");
    for (String[] arguments :
        List.of(
            new String[] {"plugins", "--json"},
            new String[] {"plugins", "list", "--json"},
            new String[] {"plugins", "--json", "list"})) {
      Trial.Outcome json = trial.run(arguments);
      assertThat(json.lines()).hasSize(2).allMatch(line -> line.startsWith("{\"id\":"));
      assertThat(json.err()).isEmpty();
    }
  }

  @Test
  void infoShowsAllThatTheNodeKnows() throws Exception {
    node(watcher("FAILED", "\"permission denied\""));
    Trial.Outcome outcome = trial.run("plugins", "info", "log-watcher");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.lines())
        .containsExactly(
            "plugin       log-watcher 0.1.0",
            "provider     CypherMesh",
            "about        Detects attacks",
            "needs api    ^0.1.0",
            "kind         detector",
            "state        FAILED for 1 min 30 s, since 2026-11-22T09:58:30Z",
            "work         12 reported, 2 refused",
            "restarts     1",
            "error        permission denied",
            "             at A.b(A.java:7)",
            "jar          /opt/plugins/log-watcher.jar",
            "from         the node's archive",
            "sha256       " + "ab".repeat(32),
            "extension    detector org.example.Watch");
    JsonObject json = trial.run("plugins", "info", "log-watcher", "--json").json();
    assertThat(json.get("errorAt").getAsString()).isEqualTo("at A.b(A.java:7)");
  }

  @Test
  void aMisspeltPluginIsGuessed() throws Exception {
    node(watcher("ACTIVE", "null"));
    for (String command : List.of("info", "enable", "disable", "reload")) {
      assertFails(trial.run("plugins", command, "log-wacher"), 2, "did you mean 'log-watcher'?");
    }
    assertFails(trial.run("plugins", "info", "x"), 2, "there is no plugin 'x'; there are log-w");
    assertThat(requests).allMatch("GET /api/v1/plugins"::equals);
  }

  // Orders

  @ParameterizedTest
  @CsvSource({
    "enable, ACTIVE, log-watcher is enabled: ACTIVE.",
    "disable, DISABLED, log-watcher is disabled.",
    "reload, STARTING, log-watcher is reloaded: STARTING."
  })
  void anOrderIsCarriedOutAndTold(String verb, String state, String told) throws Exception {
    node(watcher("ACTIVE", "null"));
    orderAnswer = watcher(state, "null");
    Trial.Outcome outcome = trial.run("plugins", verb, "log-watcher");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.lines()).containsExactly(told);
    assertThat(requests.getLast()).isEqualTo("POST /api/v1/plugins/log-watcher/" + verb);
    assertThat(
            trial.run("plugins", verb, "log-watcher", "--json").json().get("state").getAsString())
        .isEqualTo(state);
  }

  @Test
  void whatFailsOrDoesNotStopIsAFailure() throws Exception {
    node(watcher("ACTIVE", "null"));
    orderAnswer = watcher("FAILED", "\"no such log\"");
    assertFails(
        trial.run("plugins", "reload", "log-watcher"), 1, "is reloaded, but failed: no such log");
    Trial.Outcome json = trial.run("plugins", "enable", "log-watcher", "--json");
    assertFails(json, 1, "no such log");
    assertThat(json.json().get("state").getAsString()).isEqualTo("FAILED");
    orderAnswer = watcher("WEDGED", "null");
    assertFails(
        trial.run("plugins", "disable", "log-watcher"), 1, "did not stop", "restart of the node");
  }

  @Test
  void aRefusalIsToldInTheNodesOwnWords() throws Exception {
    node(words("my plugin+é.jar", "", "FAILED", "\"no plugin\"", "null"));
    orderStatus = 409;
    orderAnswer = "{\"title\": \"Conflict\", \"detail\": \"enable it first\"}";
    assertFails(
        trial.run("plugins", "reload", "my plugin+é.jar"), 1, "the node refused: enable it first");
    assertThat(requests.getLast())
        .isEqualTo("POST /api/v1/plugins/my%20plugin%2B%C3%A9.jar/reload");
  }

  @Test
  void infoShowsWhatCouldNotTakeItsPlaceAndATrial() throws Exception {
    String plugin = watcher("ACTIVE", "\"it was\"");
    node(onTrial(upgrade(plugin, "no such log", file(Path.of("/own/x.jar"), "x"))));
    assertThat(trial.run("plugins", "info", "log-watcher").lines())
        .contains(
            "last error   it was",
            "upgrade      1.1.0 could not take its place: no such log",
            "             /own/x.jar",
            "on trial     until 2026-11-22T10:00:05Z: at a fault the former version comes back");
  }

  @Test
  void withoutANodeNothingIsPromisedThatAnOrderBeforeWouldOverrule() {
    assertFails(
        trial.run("plugins", "disable", "log-watcher"),
        1,
        "start it first, with 'cyphermesh run'",
        "only if no order ever enabled it");
    assertFails(trial.run("plugins", "enable", "log-watcher"), 1, "start one with");
  }

  // In and out

  @Test
  void withoutANodeAJarIsInstalledForTheNextStart() throws Exception {
    Trial.Outcome outcome = trial.run("plugins", "install", jar("1.0.0").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.lines())
        .containsExactly(
            "words 1.0.0 is installed as %s. No node runs on %s: its next start loads it."
                .formatted(data.resolve("plugins").resolve("words-1.0.0.jar"), data));
    assertThat(installed()).containsExactly("words-1.0.0.jar");
    assertThat(data.resolve("plugins/words-1.0.0.jar"))
        .hasSameBinaryContentAs(folder.resolve("downloaded.jar"));
    assertThat(Files.getPosixFilePermissions(data.resolve("plugins/words-1.0.0.jar")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(data.resolve("plugins.pins")).doesNotExist();
  }

  @Test
  void whatIsInstalledTakesThePlaceOfItsIdOnly() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    WordDetector.write(
        data.resolve("plugins/another.jar"),
        Map.of("Plugin-Id", "another", "Plugin-Version", "1.0.0"));
    Files.writeString(data.resolve("plugins/broken.jar"), "no jar");
    assertThat(trial.run("plugins", "install", jar("1.1.0").toString()).code()).isZero();
    assertThat(installed()).containsExactly("another.jar", "broken.jar", "words-1.1.0.jar");
    assertThat(trial.run("plugins", "install", jar("1.1.0").toString()).code()).isZero();
    assertThat(installed()).containsExactly("another.jar", "broken.jar", "words-1.1.0.jar");
  }

  @Test
  void whatIsPinnedIsUnpinnedWhenItIsRemoved() throws Exception {
    String jar = jar("1.0.0").toString();
    JsonObject json = trial.run("plugins", "install", "--pin", jar, "--json").json();
    String sha256 = PluginInspection.of(Path.of(jar)).sha256();
    assertThat(json.get("sha256").getAsString()).isEqualTo(sha256);
    assertThat(json.get("state").isJsonNull()).isTrue();
    assertThat(Files.readString(data.resolve("plugins.pins")))
        .isEqualTo(sha256 + "  words-1.0.0.jar\n");
    assertFails(trial.run("plugins", "remove", "word"), 2, "did you mean 'words'?");
    Trial.Outcome removed = trial.run("plugins", "remove", "words");
    assertThat(removed.code()).as(removed.err()).isZero();
    assertThat(removed.out()).startsWith("words is removed: ");
    assertThat(installed()).isEmpty();
    assertThat(data.resolve("plugins.pins")).isEmptyFile();
  }

  @Test
  void noJarIsInstalledThatNoNodeWouldLoad() throws Exception {
    Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
    assertFails(
        trial.run("plugins", "install", text.toString()), 1, text + " is not installed: it");
    assertFails(trial.run("plugins", "install", folder.toString()), 1, "it is a folder, not a jar");
    Map<String, String> future =
        Map.of("Plugin-Id", "words", "Plugin-Version", "1.0.0", "Plugin-Requires", "^9.0.0");
    assertFails(trial.run("plugins", "install", jar(future).toString()), 1, "needs version ^9.0.0");
    assertFails(trial.run("plugins", "install", jar("one").toString()), 1, "no semantic version");
    assertFails(
        trial.run("plugins", "install", jar(Map.of("Plugin-Version", "1.0.0")).toString()),
        1,
        "no Plugin-Id");
    assertThat(installed()).isEmpty();
  }

  @Test
  void aJarThatIsNotTrustedLeavesTheFormerInItsPlace() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    Files.writeString(data.resolve("cyphermesh.conf"), "plugins.trust = pinned");
    String jar = jar("1.1.0").toString();
    assertFails(trial.run("plugins", "install", jar), 1, "is not installed: it is not pinned");
    assertThat(installed()).containsExactly("words.jar");
    assertThat(data.resolve("plugins.pins")).doesNotExist();
    assertThat(trial.run("plugins", "install", "--pin", jar).code()).isZero();
    assertThat(installed()).containsExactly("words-1.1.0.jar");
    assertThat(trial.run("plugins", "install", jar).code()).isZero();
  }

  @Test
  void anUnsignedJarIsRefusedAlsoWithAPin() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    Files.writeString(data.resolve("cyphermesh.conf"), "plugins.trust = signed");
    String jar = jar("1.1.0").toString();
    assertFails(trial.run("plugins", "install", "--pin", jar), 1, "plugins.signers");
    assertThat(installed()).containsExactly("words.jar");
    assertThat(data.resolve("plugins.pins")).doesNotExist();
  }

  @Test
  void theJarOfAnotherPluginIsNotOverwritten() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    Map<String, String> other = Map.of("Plugin-Id", "words-1.1.0", "Plugin-Version", "1.0.0");
    WordDetector.write(target(), other);
    String jar = jar("1.1.0").toString();
    assertFails(trial.run("plugins", "install", jar), 1, "which is the jar of words-1.1.0");
    Files.writeString(target(), "no jar");
    assertFails(
        trial.run("plugins", "install", jar), 1, "which is no plugin", "remove words-1.1.0.jar");
    assertThat(installed()).containsExactly("words-1.1.0.jar", "words.jar");
    assertThat(target()).hasContent("no jar");
  }

  @Test
  void whatIsNoPluginIsRemovedByItsName() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    Files.writeString(data.resolve("plugins/broken.jar"), "no jar");
    Files.writeString(data.resolve("other.jar"), "no jar");
    assertFails(trial.run("plugins", "remove", "../other.jar"), 2, "there is no plugin");
    Trial.Outcome outcome = trial.run("plugins", "remove", "broken.jar");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(installed()).containsExactly("words.jar");
    assertThat(data.resolve("other.jar")).exists();
  }

  @Test
  void whatAnInstallLeftThatWasCutOffIsDeleted() throws Exception {
    Path plugins = data.resolve("plugins");
    WordDetector.install(Files.createDirectories(plugins));
    Path old = Files.writeString(plugins.resolve(".install-1.part"), "");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Files.writeString(plugins.resolve(".install-2.part"), "");
    assertThat(trial.run("plugins", "install", jar("1.1.0").toString()).code()).isZero();
    assertThat(installed()).containsExactly(".install-2.part", "words-1.1.0.jar");
  }

  @Test
  void nothingIsPutWhereOthersMayWrite() throws Exception {
    Path shared = Files.createDirectories(data.resolve("plugins"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertFails(
        trial.run("plugins", "install", jar("1.0.0").toString()), 1, "chmod go-w " + shared);
    assertThat(installed()).isEmpty();
  }

  @Test
  void bundledPluginsAreNeitherRemovedNorShadowedByOlderOnes() throws Exception {
    Path home = folder.resolve("home");
    Files.createDirectories(home.resolve("plugins"));
    WordDetector.write(
        home.resolve("plugins/words.jar"), Map.of("Plugin-Id", "words", "Plugin-Version", "1.0.0"));
    trial.unpackedIn(home);
    assertFails(trial.run("plugins", "remove", "words"), 2, "words is bundled", "disable words");
    assertFails(
        trial.run("plugins", "install", jar("1.0.0").toString()), 1, "1.0.0 of words is bundled");
    assertThat(trial.run("plugins", "install", jar("1.0.1").toString()).code()).isZero();
    assertThat(trial.run("plugins", "remove", "words").out())
        .contains("the bundled version 1.0.0 takes its place");
    assertThat(home.resolve("plugins/words.jar")).exists();
  }

  @Test
  void aRunningNodeIsWaitedForUntilItRunsThePlugin() throws Exception {
    String old = words("words", "1.0.0", "ACTIVE", "null", file(Path.of("/x"), "@MODIFIED@"));
    String fresh = file(target(), "@MODIFIED@");
    // Of the same name and version, but not the file that was installed.
    String same =
        words("words", "1.1.0", "FAILED", "\"x\"", file(target(), "2026-01-01T00:00:00Z"));
    node(
        old,
        same,
        words("words", "1.1.0", "STARTING", "null", fresh),
        words("words", "1.1.0", "ACTIVE", "null", fresh));
    Trial.Outcome outcome = trial.run("plugins", "install", jar("1.1.0").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).endsWith("words-1.1.0.jar and ACTIVE.\n");
    assertThat(outcome.err()).isEmpty();
    assertThat(requests).hasSize(4);
  }

  @Test
  void anUpgradeIsWatchedUntilItsTrialEnds() throws Exception {
    String active = words("words", "1.1.0", "ACTIVE", "null", file(target(), "@MODIFIED@"));
    node(onTrial(active), onTrial(active), active);
    Trial.Outcome outcome = trial.run("plugins", "install", jar("1.1.0").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).endsWith("words-1.1.0.jar and ACTIVE.\n");
    assertThat(requests).hasSize(3);
  }

  @Test
  void aNodeThatGoesBackToTheFormerVersionIsAFailure() throws Exception {
    String fresh = file(target(), "@MODIFIED@");
    String trying = onTrial(words("words", "1.1.0", "ACTIVE", "null", fresh));
    String failing = onTrial(words("words", "1.1.0", "FAILED", "\"full\"", fresh));
    String former = words("words", "1.0.0", "ACTIVE", "null", file(Path.of("/x"), "x"));
    // What is told of another file in that place is old.
    String before = upgrade(former, "no such log", file(target(), "2026-01-01T00:00:00Z"));
    node(before, trying, failing, upgrade(former, "out of memory", fresh));
    Trial.Outcome outcome = trial.run("plugins", "install", jar("1.1.0").toString(), "--json");
    assertFails(outcome, 1, "but it failed: out of memory; 1.0.0 runs on");
    assertThat(outcome.json().get("version").getAsString()).isEqualTo("1.1.0");
    assertThat(outcome.json().get("shown").getAsString()).isEqualTo("1.0.0");
    assertThat(outcome.json().get("lastError").getAsString()).isEqualTo("out of memory");
    assertThat(requests).hasSize(4);
  }

  @Test
  void aVersionThatCameBackInTheSamePlaceIsNotTakenForTheNewOne() throws Exception {
    String fresh = file(target(), "@MODIFIED@");
    node(upgrade(words("words", "1.0.0", "ACTIVE", "null", fresh), "no such log", fresh));
    assertFails(trial.run("plugins", "install", jar("1.1.0").toString()), 1, "no such log; 1.0.0");
  }

  @Test
  void aContentThatFailedBeforeIsNotTriedAgain() throws Exception {
    Path jar = jar("1.1.0");
    String known =
        file(target(), "2026-01-01T00:00:00Z")
            .replace(
                "\"sha256\": null", "\"sha256\": \"" + PluginInspection.of(jar).sha256() + "\"");
    String former = words("words", "1.0.0", "ACTIVE", "null", file(Path.of("/x"), "x"));
    node(upgrade(former, "no such log", known));
    assertFails(
        trial.run("plugins", "install", jar.toString()),
        1,
        "but it failed: no such log; 1.0.0 runs on; 'cyphermesh plugins reload words' tries");
  }

  @Test
  void aPluginThatFailsInTheNodeIsAFailure() throws Exception {
    String fresh = file(target(), "@MODIFIED@");
    node(words("words", "1.1.0", "FAILED", "\"no such log\"", fresh));
    Trial.Outcome outcome = trial.run("plugins", "install", jar("1.1.0").toString(), "--json");
    assertFails(outcome, 1, "words-1.1.0.jar, but FAILED: no such log");
    assertThat(outcome.json().get("lastError").getAsString()).isEqualTo("no such log");
  }

  @Test
  void theFailureOfTheFormerIsNotTakenForThatOfTheNewOne() throws Exception {
    String fresh = file(target(), "@MODIFIED@");
    String old =
        words("words", "1.1.0", "FAILED", "\"no such log\"", fresh)
            .replace("9999-01-01", "2026-01-01");
    node(old, words("words", "1.1.0", "ACTIVE", "null", fresh));
    assertThat(trial.run("plugins", "install", jar("1.1.0").toString()).code()).isZero();
    lists.clear();
    lists.add(old);
    assertFails(trial.run("plugins", "install", jar("1.1.0").toString()), 1, "but FAILED: no such");
  }

  @Test
  void aDisabledPluginStaysSo() throws Exception {
    node(words("words", "1.1.0", "DISABLED", "null", file(target(), "@MODIFIED@")));
    Trial.Outcome outcome = trial.run("plugins", "install", jar("1.1.0").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("disabled: 'cyphermesh plugins enable words'");
  }

  @Test
  void aJarThatTheNodeRefusesUnderItsNameIsAFailure() throws Exception {
    String unseen = file(target(), "x").replace("\"x\"", "null");
    node(words("words-1.1.0.jar", "", "FAILED", "\"its group may change it\"", unseen));
    assertFails(trial.run("plugins", "install", jar("1.1.0").toString()), 1, "its group may");
  }

  @Test
  void aRunningNodeIsWaitedForUntilItLetThePluginGo() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    String own = file(data.resolve("plugins/words.jar"), "x");
    String words = words("words", "1.0.0", "STOPPING", "null", own);
    // The same version, but that came with the node.
    String bundled =
        words("words", "1.0.0", "ACTIVE", "null", file(Path.of("/opt/words.jar"), "x", true));
    node(words, words, upgrade(bundled, "no such log", own));
    Trial.Outcome outcome = trial.run("plugins", "remove", "words", "--json");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.json().getAsJsonArray("removed")).hasSize(1);
    assertThat(requests).hasSize(3);
  }

  @Test
  void aFormerVersionThatRunsInTheRemovedOnesPlaceIsWaitedForToo() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    String own = file(data.resolve("plugins/words.jar"), "x");
    String former = words("words", "0.9.0", "ACTIVE", "null", file(Path.of("/x"), "x"));
    node(upgrade(former, "no such log", own), watcher("ACTIVE", "null"));
    assertThat(trial.run("plugins", "remove", "words").code()).isZero();
    assertThat(requests).hasSize(2);
  }

  @Test
  void aRemovedPluginThatDoesNotStopIsTold() throws Exception {
    WordDetector.install(Files.createDirectories(data.resolve("plugins")));
    String own = file(data.resolve("plugins/words.jar"), "x");
    node(words("words", "1.0.0", "WEDGED", "null", own));
    assertFails(
        trial.run("plugins", "remove", "words"), 1, "words is removed: ", "only a restart of");
    assertThat(installed()).isEmpty();
  }

  @Test
  void noWaitIsForEver() throws Exception {
    node(watcher("ACTIVE", "null"));
    PrintStream nothing =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    PluginWatch watch =
        new PluginWatch(
            new DataDirectory(data),
            new Terminal(nothing, nothing, OptionalInt.empty(), false, false, false),
            Duration.ZERO);
    assertThat(watch.until("load", _ -> Optional.<String>empty()))
        .isInstanceOf(PluginWatch.End.Late.class);
    assertThat(watch.late("loaded it")).hasMessageContaining("cyphermesh.log says more");
  }
}
