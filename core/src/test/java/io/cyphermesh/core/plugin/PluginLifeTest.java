package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Detector;
import io.cyphermesh.core.control.PluginDisabledException;
import io.cyphermesh.core.control.UnknownPluginException;
import io.cyphermesh.core.source.FollowSettings;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to plugins while the node runs: the folders change, and the operator speaks. */
class PluginLifeTest {
  private static final String WAIT = "Thread.sleep(Long.MAX_VALUE);";

  @TempDir Path directory;

  private final RecordingSink sink = new RecordingSink();
  private final List<PluginHost> hosts = new ArrayList<>();
  private Duration stopLimit = Duration.ofSeconds(10);
  private Duration settle = Duration.ofMillis(60);
  private Duration probation = Duration.ofMillis(400);
  private int drafts;
  private String config = "";

  @AfterEach
  void closeHosts() {
    hosts.forEach(PluginHost::close);
  }

  @Test
  void aJarThatIsDroppedInIsLoadedAndOneThatIsRemovedIsGone() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", report("\"ssh\"") + WAIT);
    awaitState(host, "a", "ACTIVE");
    await().until(() -> sink.threats().equals(List.of("ssh")));
    assertThat(view(host, "a").file().orElseThrow().path()).isEqualTo(jar("a").toString());
    assertThat(view(host, "a").file().orElseThrow().sha256().orElseThrow()).hasSize(64);

    Files.delete(jar("a"));

    await().until(() -> host.views().isEmpty());
    await().until(() -> running().isEmpty());
    assertThat(pluginThreads()).isEmpty();
  }

  @Test
  void aJarThatIsStillBeingCopiedIsLeftAloneUntilItIsWhole() throws IOException {
    settle = Duration.ofMillis(500);
    PluginHost host = started();
    Path whole = built("a", "1.0.0", WAIT);
    byte[] bytes = Files.readAllBytes(whole);
    createPlugins();
    Files.createFile(
        jar("a"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    for (int part = 1; part <= 10; part++) {
      Files.write(jar("a"), Arrays.copyOf(bytes, bytes.length * part / 10));
      assertThat(host.views()).as("after part %s", part).isEmpty();
    }
    awaitState(host, "a", "ACTIVE");
  }

  @Test
  void aNewerVersionTakesThePlaceOfTheFormerWithItsCheckpointAndItsCounts() throws IOException {
    PluginHost host = started();
    String detector =
        "context.checkpoint().save(\"%s\".getBytes());"
            + report("new String(context.checkpoint().saved().orElse(new byte[0])) + \"-%s\"")
            + WAIT;
    drop("a", "1.0.0", detector.formatted("one", "1"));
    await().until(() -> sink.threats().equals(List.of("one-1")));

    drop("a", "2.0.0", report("new String(context.checkpoint().saved().orElseThrow())") + WAIT);

    await().until(() -> sink.threats().equals(List.of("one-1", "one")));
    assertThat(view(host, "a").version()).isEqualTo("2.0.0");
    await().until(() -> view(host, "a").produced() == 2);
    await().until(() -> running().size() == 1);
    assertThat(host.views()).hasSize(1);
  }

  @Test
  void whatIsOverwrittenInPlaceIsAnUpgradeToo() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", WAIT);
    awaitState(host, "a", "ACTIVE");
    Files.write(jar("a"), Files.readAllBytes(built("a", "1.1.0", WAIT)));
    await().until(() -> view(host, "a").version().equals("1.1.0"));
    awaitState(host, "a", "ACTIVE");
  }

  @Test
  void anUpgradeThatDoesNotStartGivesTheFormerItsPlaceBack() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", report("\"one\"") + WAIT);
    awaitState(host, "a", "ACTIVE");

    drop("a", "2.0.0", "throw new IllegalStateException(\"no luck\");");

    await().until(() -> sink.threats().size() == 2);
    awaitState(host, "a", "ACTIVE");
    await().until(() -> view(host, "a").lastError().isPresent());
    assertThat(view(host, "a").version()).isEqualTo("1.0.0");
    assertThat(view(host, "a").lastError().orElseThrow())
        .isEqualTo("version 2.0.0 did not start: IllegalStateException: no luck; 1.0.0 runs again");
  }

  @Test
  void anUpgradeThatFailedIsNotTriedAgainAlsoNotAfterARestart() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", WAIT);
    awaitState(host, "a", "ACTIVE");
    drop("a", "2.0.0", report("\"tried\"") + "throw new IllegalStateException(\"no luck\");");
    await()
        .until(() -> view(host, "a").lastError().filter(e -> e.contains("runs again")).isPresent());
    host.close();
    int tries = sink.threats().size();

    PluginHost next = started();

    awaitState(next, "a", "ACTIVE");
    assertThat(view(next, "a").version()).isEqualTo("1.0.0");
    assertThat(view(next, "a").lastError().orElseThrow()).contains("no luck; 1.0.0 runs again");
    assertThat(sink.threats()).hasSize(tries);

    drop("a", "2.0.1", WAIT);
    await().until(() -> view(next, "a").version().equals("2.0.1"));
    await().until(() -> view(next, "a").lastError().isEmpty());
  }

  @Test
  void anUpgradeThatDoesNotFitLeavesTheFormerRunning() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", report("\"one\"") + WAIT);
    awaitState(host, "a", "ACTIVE");

    JarBuilder.plugin(directory, "a")
        .manifest("Plugin-Version", "2.0.0")
        .manifest("Plugin-Requires", "^7.0.0")
        .detector(WAIT)
        .buildTo(draft());
    move("a");
    await().until(() -> view(host, "a").lastError().filter(e -> e.contains("^7.0.0")).isPresent());
    assertThat(view(host, "a").lastError().orElseThrow())
        .startsWith("version 2.0.0 was refused: it needs version ^7.0.0")
        .endsWith("1.0.0 runs on");

    Files.writeString(jar("a"), "garbage");
    await()
        .until(
            () -> view(host, "a").lastError().filter(e -> e.contains("read as a jar")).isPresent());
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    assertThat(view(host, "a").version()).isEqualTo("1.0.0");
    assertThat(host.views()).hasSize(1);
    assertThat(sink.threats()).containsExactly("one");
  }

  @Test
  void anExtensionThatCannotBeMadeRollsBackToo() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", WAIT);
    awaitState(host, "a", "ACTIVE");
    JarBuilder.plugin(directory, "a")
        .manifest("Plugin-Version", "2.0.0")
        .service(Detector.class, "plug.Gone")
        .buildTo(draft());
    move("a");
    await()
        .until(() -> view(host, "a").lastError().filter(e -> e.contains("plug.Gone")).isPresent());
    awaitState(host, "a", "ACTIVE");
    assertThat(view(host, "a").version()).isEqualTo("1.0.0");
  }

  @Test
  void theSameContentUnderAnotherNameOrTimeIsNoUpgrade() throws IOException {
    PluginHost host = started();
    drop("a", "1.0.0", report("\"one\"") + WAIT);
    awaitState(host, "a", "ACTIVE");
    Files.move(jar("a"), jar("renamed"));
    await()
        .until(
            () ->
                host.views().stream()
                    .anyMatch(
                        view ->
                            view.file().orElseThrow().path().equals(jar("renamed").toString())));
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    assertThat(sink.threats()).containsExactly("one");
  }

  @Test
  void whatIsSwitchedOffStaysOffAndWhatIsSwitchedOnRuns() throws Exception {
    drop("a", "1.0.0", WAIT);
    JarBuilder.plugin(directory, "off")
        .entry("reference.conf", "enabled = false")
        .detector(WAIT)
        .buildTo(jar("off"));
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    awaitState(host, "off", "DISABLED");

    assertThat(host.disable("a").state()).isEqualTo("DISABLED");
    assertThat(host.enable("off").state()).isEqualTo("ACTIVE");
    assertThat(pluginThreads()).containsExactly("plugin-off-D");
    assertThatThrownBy(() -> host.reload("a"))
        .isInstanceOf(PluginDisabledException.class)
        .hasMessageContaining("enable it first");
    assertThatThrownBy(() -> host.enable("nobody"))
        .isInstanceOf(UnknownPluginException.class)
        .hasMessage("there is no plugin 'nobody'");
    host.close();

    PluginHost next = started();
    awaitState(next, "off", "ACTIVE");
    awaitState(next, "a", "DISABLED");
    assertThat(next.enable("a").state()).isEqualTo("ACTIVE");
  }

  @Test
  void aReloadStartsAFailedPluginAnew() throws Exception {
    Path luck = directory.resolve("luck");
    drop(
        "a",
        "1.0.0",
        "if (!Files.exists(Path.of(\"%s\"))) throw new IllegalStateException(\"no luck\");"
                .formatted(luck)
            + WAIT);
    PluginHost host = started();
    await()
        .until(
            () -> view(host, "a").state().equals("FAILED") && view(host, "a").nextTry().isEmpty());
    assertThat(view(host, "a").errorAt().orElseThrow()).startsWith("at plug.D.run(D.java:");
    Files.createFile(luck);
    assertThat(host.reload("a").state()).isEqualTo("ACTIVE");
    assertThat(view(host, "a").lastError()).isEmpty();
    assertThat(view(host, "a").restarts()).isEqualTo(4);
  }

  @Test
  void whatNeedsAnotherPluginGoesAndComesWithIt() throws Exception {
    JarBuilder.plugin(directory, "user")
        .manifest("Plugin-Dependencies", "base")
        .detector(
            "context.report(Detection.of(new Indicator.Ip(\"203.0.113.7\"), (String)"
                + " Class.forName(\"plug.Thing\").getMethod(\"name\").invoke(null),"
                + " Severity.HIGH).build());"
                + WAIT)
        .buildTo(jar("user"));
    base("1.0.0", "one");
    PluginHost host = started();
    await().until(() -> sink.threats().equals(List.of("one")));

    base("2.0.0", "two");
    await().until(() -> sink.threats().equals(List.of("one", "two")));

    host.disable("base");
    assertThat(view(host, "user").state()).isEqualTo("FAILED");
    assertThat(view(host, "user").lastError().orElseThrow()).contains("needs the plugins base");
    host.enable("base");
    await().until(() -> sink.threats().equals(List.of("one", "two", "two")));
  }

  @Test
  void whatDoesNotStopIsWedgedAndCanBeReplaced() throws Exception {
    stopLimit = Duration.ofMillis(100);
    Path letGo = directory.resolve("let-go");
    drop(
        "a",
        "1.0.0",
        "while (!Files.exists(Path.of(\"%s\"))) { try { Thread.sleep(5); } catch".formatted(letGo)
            + " (InterruptedException e) {} }"
            + report("\"too-late\""));
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    PluginView wedged = host.disable("a");
    assertThat(wedged.state()).isEqualTo("WEDGED");
    assertThat(wedged.lastError().orElseThrow())
        .contains("plugin-a-D does not stop; it is at plug.D.run(D.java:");

    drop("a", "2.0.0", report("\"new\"") + WAIT);
    assertThat(host.enable("a").state()).isIn("ACTIVE", "WEDGED");
    await().until(() -> view(host, "a").version().equals("2.0.0"));
    awaitState(host, "a", "ACTIVE");
    await().until(() -> sink.threats().equals(List.of("new")));

    Files.createFile(letGo);
    await().until(() -> pluginThreads().equals(List.of("plugin-a-D")));
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    assertThat(sink.threats()).containsExactly("new");
  }

  @Test
  void threadsThatAreLeftBehindAreInterruptedAndElseNamed() throws Exception {
    stopLimit = Duration.ofMillis(100);
    Path letGo = directory.resolve("let-go");
    drop(
        "heeds",
        "1.0.0",
        "new Thread(() -> { try { Thread.sleep(Long.MAX_VALUE); } catch (InterruptedException e)"
            + " {} }, \"mine\").start();"
            + WAIT);
    drop(
        "leaks",
        "1.0.0",
        ("Thread t = new Thread(() -> { while (!Files.exists(Path.of(\"%s\"))) { try {"
                    + " Thread.sleep(5); } catch (InterruptedException e) {} } }, \"stubborn\");"
                    + " t.setContextClassLoader(null); t.start();")
                .formatted(letGo)
            + WAIT);
    PluginHost host = started();
    awaitState(host, "heeds", "ACTIVE");
    awaitState(host, "leaks", "ACTIVE");
    assertThat(host.disable("heeds").state()).isEqualTo("DISABLED");
    PluginView leaks = host.disable("leaks");
    assertThat(leaks.state()).isEqualTo("WEDGED");
    assertThat(leaks.lastError().orElseThrow())
        .contains("it left 1 thread behind that does not stop: stubborn");
    Files.createFile(letGo);
    awaitState(host, "leaks", "DISABLED");
  }

  @Test
  void noClassLoaderIsLeftBehind() throws Exception {
    PluginHost host = started();
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int version = 1; version <= 5; version++) {
      drop("a", version + ".0.0", version == 3 ? "throw new Error(\"three\");" : WAIT);
      String number = version + ".0.0";
      await()
          .until(
              () ->
                  host.views().stream()
                      .anyMatch(
                          view ->
                              view.version().equals(number)
                                  || view.lastError().orElse("").contains("runs again")));
      awaitState(host, "a", "ACTIVE");
      loaders.add(loader("plugin-a-D"));
      if (version != 3) {
        host.reload("a");
        loaders.add(loader("plugin-a-D"));
      }
    }
    Files.delete(jar("a"));
    await().until(() -> host.views().isEmpty());
    await()
        .until(
            () -> {
              System.gc();
              return loaders.stream().allMatch(each -> each.get() == null);
            });
  }

  @Test
  void whoReportsTooFastWaitsAndItIsSaid() throws Exception {
    drop("a", "1.0.0", "while (true) {" + report("\"spam\"") + "}");
    PluginHost host = started();
    await().until(() -> view(host, "a").lastError().isPresent());
    assertThat(view(host, "a").lastError().orElseThrow()).contains("200 detections a second");
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    assertThat(host.disable("a").state()).isEqualTo("DISABLED");
    // The burst, and what came in the seconds that this took on a busy machine.
    assertThat(sink.threats().size()).isBetween(ReportGate.BURST, ReportGate.BURST + 10_000);
  }

  @Test
  void aFolderThatCannotBeTrustedAnyMoreKeepsWhatRunsAndTakesNothingNew() throws Exception {
    drop("a", "1.0.0", WAIT);
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    Files.setPosixFilePermissions(plugins(), PosixFilePermissions.fromString("rwxrwxrwx"));
    drop("b", "1.0.0", WAIT);
    await().until(() -> host.views().size() == 2);
    assertThat(view(host, plugins().toString()).lastError().orElseThrow()).contains("chmod");
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    Files.setPosixFilePermissions(plugins(), PosixFilePermissions.fromString("rwx------"));
    awaitState(host, "b", "ACTIVE");
    assertThat(host.views()).hasSize(2);
  }

  @Test
  void aJarThatConfusesItsReaderHindersNoOther() throws Exception {
    JarBuilder.plugin(directory, "deep")
        .entry("reference.conf", "a{".repeat(100_000))
        .detector(WAIT)
        .buildTo(jar("deep"));
    drop("a", "1.0.0", WAIT);
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    assertThat(view(host, "deep.jar").state()).isEqualTo("FAILED");
    assertThat(view(host, "deep.jar").lastError().orElseThrow()).contains("cannot be read");
  }

  @Test
  void onlyWhatIsPinnedRunsWhereTheOperatorWantsItSo() throws Exception {
    drop("a", "1.0.0", WAIT);
    config = "plugins.trust = pinned";
    PluginHost host = started();
    awaitState(host, "a", "FAILED");
    assertThat(view(host, "a").lastError().orElseThrow()).contains("it is not pinned");
    host.close();

    config += ", plugins.pins = [\"" + sha256(jar("a")) + "\"]";
    PluginHost pinned = started();
    awaitState(pinned, "a", "ACTIVE");
    drop("a", "2.0.0", WAIT);
    await().until(() -> view(pinned, "a").lastError().isPresent());
    assertThat(view(pinned, "a").lastError().orElseThrow())
        .startsWith("version 2.0.0 was refused: it is not pinned")
        .endsWith("1.0.0 runs on");
    assertThat(view(pinned, "a").state()).isEqualTo("ACTIVE");
  }

  @Test
  void anOlderJarRunsWhereTheNewerOneIsNotTrusted() throws Exception {
    drop("a", "1.0.0", WAIT);
    config = "plugins.trust = pinned, plugins.pins = [\"" + sha256(jar("a")) + "\"]";
    JarBuilder.plugin(directory, "a")
        .manifest("Plugin-Version", "2.0.0")
        .detector(WAIT)
        .buildTo(jar("a-2"));
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    assertThat(view(host, "a").version()).isEqualTo("1.0.0");
    assertThat(view(host, "a").upgrade().orElseThrow().version()).isEqualTo("2.0.0");
    assertThat(view(host, "a").lastError().orElseThrow())
        .startsWith("version 2.0.0 was refused: it is not pinned");

    Files.delete(jar("a-2"));

    await().until(() -> view(host, "a").upgrade().isEmpty());
    assertThat(view(host, "a").lastError()).isEmpty();
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
  }

  @Test
  void aThreadThatOutlivesItsPluginCanReportNoMore() throws Exception {
    Path go = directory.resolve("go");
    drop(
        "a",
        "1.0.0",
        "Thread.startVirtualThread(() -> { try { while (!Files.exists(Path.of(\"%s\")))"
                .formatted(go)
            + " Thread.sleep(5);"
            + report("\"too-late\"")
            + "} catch (InterruptedException e) { try { Files.createFile(Path.of(\"%s.refused\"));"
                .formatted(go)
            + "} catch (java.io.IOException x) {} } });"
            + WAIT);
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    assertThat(host.disable("a").state()).isEqualTo("DISABLED");
    Files.createFile(go);
    await().until(() -> Files.exists(directory.resolve("go.refused")));
    assertThat(sink.threats()).isEmpty();
  }

  @Test
  void aReloadReadsTheSettingsAgainAndAWrongFileIsTold() throws Exception {
    JarBuilder.plugin(directory, "a")
        .entry("reference.conf", "word = first")
        .source("Word", "public record Word(String word) {}")
        .detector(report("context.config(Word.class).word()") + WAIT)
        .buildTo(jar("a"));
    PluginHost host = started();
    await().until(() -> sink.threats().equals(List.of("first")));

    config = "plugins.a.word = second";
    host.reload("a");
    await().until(() -> sink.threats().equals(List.of("first", "second")));

    config = "plugins {";
    assertThatThrownBy(() -> host.reload("a")).isInstanceOf(IllegalArgumentException.class);
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
  }

  @Test
  void aRefusedJarThatIsOnlyListedCannotBeSwitched() throws Exception {
    createPlugins();
    Files.createFile(
        jar("a"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    PluginHost host = started();
    assertThat(view(host, "a.jar").state()).isEqualTo("FAILED");
    assertThatThrownBy(() -> host.disable("a.jar")).isInstanceOf(UnknownPluginException.class);
  }

  @Test
  void aJarThatLeavesItsFolderIsRefused() throws Exception {
    JarBuilder.plugin(directory, "a")
        .entry("../../evil.sh", "rm -rf /")
        .detector(WAIT)
        .buildTo(jar("a"));
    PluginHost host = started();
    assertThat(view(host, "a.jar").state()).isEqualTo("FAILED");
    assertThat(view(host, "a.jar").lastError().orElseThrow()).contains("../../evil.sh");
  }

  @Test
  void whatIsRememberedSurvivesGarbage() throws Exception {
    drop("a", "1.0.0", WAIT);
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("data/plugins.json"), "{\"switched\": [1, 2");
    PluginHost host = started();
    awaitState(host, "a", "ACTIVE");
    host.disable("a");
    host.close();
    assertThat(Files.getPosixFilePermissions(directory.resolve("data/plugins.json"))).hasSize(2);
    awaitState(started(), "a", "DISABLED");
  }

  private void base(String version, String name) throws IOException {
    JarBuilder.plugin(directory, "base")
        .manifest("Plugin-Version", version)
        .detector(WAIT)
        .source(
            "Thing",
            "public class Thing { public static String name() { return \"%s\"; } }".formatted(name))
        .buildTo(draft());
    move("base");
  }

  /** Reports the value of an expression as a threat type. */
  private static String report(String expression) {
    return "context.report(Detection.of(new Indicator.Ip(\"203.0.113.7\"), "
        + expression
        + ", Severity.HIGH).build());";
  }

  private Path built(String id, String version, String detector) throws IOException {
    JarBuilder.plugin(directory, id)
        .manifest("Plugin-Version", version)
        .detector(detector)
        .buildTo(draft());
    return draft();
  }

  private void drop(String id, String version, String detector) throws IOException {
    built(id, version, detector);
    move(id);
  }

  private void move(String id) throws IOException {
    createPlugins();
    Files.move(draft(), jar(id), StandardCopyOption.REPLACE_EXISTING);
    drafts++;
  }

  /** Where the group may write all new files, nothing would be loaded. */
  private void createPlugins() throws IOException {
    Files.createDirectories(
        plugins(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private Path draft() {
    return directory.resolve("draft-" + drafts + ".jar");
  }

  private Path plugins() {
    return directory.resolve("plugins");
  }

  private Path jar(String name) {
    return plugins().resolve(name + ".jar");
  }

  private Config reread() {
    try {
      return ConfigFactory.parseString(config);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  private List<Path> running() throws IOException {
    try (var files = Files.list(directory.resolve("data/plugins-running"))) {
      return files.toList();
    }
  }

  private static List<String> pluginThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("plugin-"))
        .filter(name -> !List.of("plugin-control", "plugin-checkpoints").contains(name))
        // Another test leaves this one behind, on purpose.
        .filter(name -> !name.startsWith("plugin-x-"))
        .toList();
  }

  private static WeakReference<ClassLoader> loader(String thread) {
    return new WeakReference<>(
        Thread.getAllStackTraces().keySet().stream()
            .filter(each -> each.getName().equals(thread))
            .findFirst()
            .orElseThrow()
            .getContextClassLoader());
  }

  private PluginHost started() {
    PluginHost host =
        PluginHost.open(
            new PluginHostSettings(
                directory.resolve("data"),
                List.of(PluginFolder.own(plugins())),
                ConfigFactory.parseString(config),
                this::reread),
            sink,
            InstantSource.system(),
            new SplittableRandom(7),
            new PluginHost.Timing(
                FollowSettings.live(),
                Duration.ofMillis(20),
                stopLimit,
                time -> {},
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                settle,
                probation));
    hosts.add(host);
    host.load();
    host.startDetectors();
    return host;
  }

  private static void awaitState(PluginHost host, String id, String state) {
    await()
        .until(
            () ->
                host.views().stream()
                    .filter(view -> view.id().equals(id))
                    .map(PluginView::state)
                    .findFirst(),
            Optional.of(state)::equals);
  }

  private static PluginView view(PluginHost host, String id) {
    return host.views().stream().filter(view -> view.id().equals(id)).findFirst().orElseThrow();
  }
}
