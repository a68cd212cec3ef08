package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.PeerDiscovery;
import io.cyphermesh.api.TlsIdentity;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportLimits;
import io.cyphermesh.core.source.FollowSettings;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginHostTest {
  private static final String WAIT = "Thread.sleep(Long.MAX_VALUE);";

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  private final RecordingSink sink = new RecordingSink();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final List<PluginHost> hosts = new ArrayList<>();
  private Duration stopLimit = Duration.ofSeconds(10);

  @AfterEach
  void closeHosts() {
    hosts.forEach(PluginHost::close);
  }

  @Test
  void aDetectorRunsAndItsReportsReachTheSink() throws IOException {
    plugin("a").detector(report("\"ssh\"") + WAIT).buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> sink.threats().equals(List.of("ssh")));
    assertThat(sink.submissions.getFirst().owner()).isEqualTo("a/plug.D");
    assertThat(view(host, "a"))
        .extracting(PluginView::state, PluginView::version, PluginView::provider, PluginView::kinds)
        .containsExactly("ACTIVE", "1.0.0", "Tests", List.of("detector"));
    await().until(() -> view(host, "a").produced() == 1);
  }

  @Test
  void aClassNamedInBothIndexAndServicesIsCountedOnce() throws IOException {
    plugin("a").detector(report("\"once\"") + WAIT).index("plug.D").buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> view(host, "a").state().equals("ACTIVE"));
    host.close();
    assertThat(sink.threats()).containsExactly("once");
  }

  @Test
  void aClassNamedOnlyInTheIndexIsFound() throws IOException {
    plugin("a")
        .source(
            "D",
            "public class D implements Detector { public void run(DetectorContext context) throws"
                + " Exception {"
                + report("\"indexed\"")
                + WAIT
                + "}}")
        .index("# by the annotation processor", "plug.D")
        .buildTo(jar("a"));
    started("");
    await().until(() -> sink.threats().equals(List.of("indexed")));
  }

  @Test
  void brokenJarsAreShownWithTheirReasonAndHinderNobody() throws IOException {
    plugin("x").without("Plugin-Id").buildTo(jar("1-library"));
    plugin("malformed").manifest("Plugin-Requires", "banana").detector(WAIT).buildTo(jar("2"));
    plugin("newer").manifest("Plugin-Requires", "^7.0.0").detector(WAIT).buildTo(jar("3"));
    plugin("unversioned").manifest("Plugin-Version", "x.y").detector(WAIT).buildTo(jar("4"));
    plugin("gone").service(Detector.class, "plug.Gone").buildTo(jar("5"));
    plugin("empty").buildTo(jar("6"));
    plugin("../evil").detector(WAIT).buildTo(jar("7"));
    plugin("noctor")
        .source(
            "D",
            "public class D implements Detector { public D(int i) {} public void"
                + " run(DetectorContext context) {}}")
        .service(Detector.class, "plug.D")
        .buildTo(jar("8"));
    plugin("lonely")
        .manifest("Plugin-Dependencies", "absent@1.0.0")
        .detector(WAIT)
        .buildTo(jar("91"));
    plugin("good").detector(WAIT).buildTo(jar("99"));
    Files.writeString(plugins().resolve("0-text.jar"), "no jar at all");
    Files.setPosixFilePermissions(
        plugins().resolve("0-text.jar"), PosixFilePermissions.fromString("rw-r--r--"));
    PluginHost host = started("");
    assertFailed(host, "0-text.jar", "cannot be read as a jar");
    assertFailed(host, "1-library.jar", "no Plugin-Id");
    assertFailed(host, "malformed", "'banana' is no range of versions, for instance ^0.1.0");
    assertFailed(host, "newer", "needs version ^7.0.0 of the plugin api; this node has 0.1.0");
    assertFailed(host, "unversioned", "'x.y' is no semantic version");
    assertFailed(host, "gone", "plug.Gone cannot be loaded");
    assertFailed(host, "empty", "extends nothing");
    assertFailed(host, "7.jar", "Plugin-Id '../evil'");
    assertFailed(host, "noctor", "no public constructor without arguments");
    assertFailed(host, "lonely", "needs the plugins absent");
    await().until(() -> view(host, "good").state().equals("ACTIVE"));
  }

  @Test
  void aPluginThatNeedsAnotherOneUsesItsClasses() throws IOException {
    plugin("a-user")
        .manifest("Plugin-Dependencies", "z-base")
        .detector(
            report("thing()")
                + WAIT
                + "} static String thing() throws Exception { return"
                + " (String) Class.forName(\"plug.Thing\").getMethod(\"name\").invoke(null);")
        .buildTo(jar("a-user"));
    plugin("z-base")
        .detector(WAIT)
        .source("Thing", "public class Thing { public static String name() { return \"lent\"; } }")
        .buildTo(jar("z-base"));
    started("");
    await().until(() -> sink.threats().equals(List.of("lent")));
  }

  @Test
  void theNewestOfOneIdRunsAndTheOthersAreShownAsRefused() throws IOException {
    Path bundled = directory.resolve("bundled");
    plugin("a").detector(report("\"bundled\"") + WAIT).buildTo(bundled.resolve("a.jar"));
    plugin("b")
        .detector(report("\"b2\"") + WAIT)
        .manifest("Plugin-Version", "2.0.0")
        .buildTo(bundled.resolve("b.jar"));
    plugin("a")
        .detector(report("\"dropped\"") + WAIT)
        .manifest("Plugin-Version", "1.0.1")
        .buildTo(jar("a-new"));
    plugin("b").detector(report("\"b1\"") + WAIT).buildTo(jar("b-old"));
    PluginHost host =
        started(
            "",
            List.of(
                PluginFolder.bundled(bundled),
                PluginFolder.own(directory.resolve("missing")),
                PluginFolder.own(plugins())));
    await().until(() -> sink.threats().size() == 2);
    assertThat(sink.threats()).containsExactlyInAnyOrder("dropped", "b2");
    assertThat(view(host, "a").version()).isEqualTo("1.0.1");
    assertFailed(host, "b-old.jar", "version 2.0.0 of b in");
    assertThat(host.views()).hasSize(3);
  }

  @Test
  void aFolderThatAnybodyMayWriteIsRefused() throws IOException {
    plugin("a").detector(WAIT).buildTo(jar("a"));
    Files.setPosixFilePermissions(plugins(), PosixFilePermissions.fromString("rwxrwxrwx"));
    PluginHost host = started("");
    assertThat(host.views()).hasSize(1);
    assertFailed(host, plugins().toString(), "chmod go-w");
  }

  @Test
  void aJarThatAnybodyMayWriteIsRefusedAndTheOthersRun() throws IOException {
    plugin("a").detector(WAIT).buildTo(jar("a"));
    plugin("b").detector(WAIT).buildTo(jar("b"));
    Files.setPosixFilePermissions(jar("a"), PosixFilePermissions.fromString("rw-rw-rw-"));
    PluginHost host = started("");
    assertFailed(host, "a.jar", "chmod go-w " + jar("a"));
    await().until(() -> view(host, "b").state().equals("ACTIVE"));
  }

  @Test
  void aPluginSeesTheContractAndItsOwnClassesButNothingOfTheNode() throws IOException {
    plugin("a")
        .detector(
            report("hidden(\"io.cyphermesh.core.plugin.PluginHost\")")
                + report("hidden(\"com.typesafe.config.Config\")")
                + report("hidden(\"java.sql.Connection\")")
                + report("hidden(\"plug.D\")")
                + report(
                    "Thread.currentThread().getContextClassLoader() == D.class.getClassLoader() ?"
                        + " \"context\" : \"other\"")
                + report(
                    "D.class.getClassLoader().getResource(\"io/cyphermesh/core/plugin/api"
                        + ".properties\") == null ? \"no-resource\" : \"resource\"")
                + WAIT
                + "} static String hidden(String name) { try { Class.forName(name); return"
                + " \"seen\"; } catch (ClassNotFoundException e) { return \"hidden\"; }")
        .buildTo(jar("a"));
    started("");
    await()
        .until(
            () ->
                sink.threats()
                    .equals(List.of("hidden", "hidden", "seen", "seen", "context", "no-resource")));
  }

  @Test
  void aBundledCopyOfTheApiIsNoTwinOfTheNodesTypes() throws IOException {
    plugin("a")
        .file(
            "io/cyphermesh/api/Detector",
            """
            package io.cyphermesh.api;
            public interface Detector extends org.pf4j.ExtensionPoint {
              void run(DetectorContext context) throws Exception;
            }
            """)
        .detector(report("\"one-api\"") + WAIT)
        .buildTo(jar("a"));
    started("");
    await().until(() -> sink.threats().equals(List.of("one-api")));
  }

  @Test
  void aFaultyDetectorIsRestartedAndGivenUpAfterFiveFailures() throws IOException {
    plugin("a").detector("throw new IllegalStateException(\"boom\\nbang\");").buildTo(jar("a"));
    plugin("b").detector(report("\"fine\"") + WAIT).buildTo(jar("b"));
    PluginHost host = started("");
    await().until(() -> failedForGood(host, "a"));
    assertThat(view(host, "a").lastError()).contains("IllegalStateException: boom bang");
    assertThat(view(host, "a").restarts()).isEqualTo(4);
    assertThat(pauses).hasSize(4);
    assertThat(view(host, "b").state()).isEqualTo("ACTIVE");
  }

  @Test
  void aDetectorWaitsForAFullDiskAndIsNotBlamedForIt() throws IOException {
    sink.failing.set(8);
    plugin("a").detector(report("\"ssh\"") + WAIT).buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> sink.threats().equals(List.of("ssh")));
    assertThat(pauses)
        .extracting(Duration::toSeconds)
        .containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
    await().until(() -> view(host, "a").lastError().isEmpty());
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    assertThat(view(host, "a").restarts()).isZero();
  }

  @Test
  void aFollowedLineWaitsForAFullDiskAndIsReportedOnce() throws IOException {
    Path log = Files.writeString(directory.resolve("app.log"), "");
    plugin("a").detector(follower(log)).buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> !sink.submissions.isEmpty());
    sink.failing.set(7);
    Files.writeString(log, "one\ntwo\n", StandardOpenOption.APPEND);
    await().until(() -> sink.threats().equals(List.of("one", "two")));
    assertThat(view(host, "a").restarts()).isZero();
  }

  @Test
  void whyADetectorWaitsIsShownWhileItDoes() throws IOException {
    sink.failing.set(1);
    CountDownLatch space = new CountDownLatch(1);
    plugin("a").detector(report("\"ssh\"") + WAIT).buildTo(jar("a"));
    PluginHost host = open("", List.of(PluginFolder.own(plugins())), time -> space.await());
    host.load();
    host.startDetectors();
    await()
        .until(
            () -> view(host, "a").lastError().equals(Optional.of("no space left for events.db")));
    assertThat(view(host, "a").state()).isEqualTo("ACTIVE");
    space.countDown();
    await().until(() -> view(host, "a").lastError().isEmpty());
  }

  @Test
  void aDetectorThatWaitsForAFullDiskStopsWhenTold() throws IOException {
    sink.failing.set(Integer.MAX_VALUE);
    plugin("a").detector(report("\"ssh\"") + WAIT).buildTo(jar("a"));
    PluginHost host =
        open("", List.of(PluginFolder.own(plugins())), time -> Thread.sleep(Duration.ofDays(1)));
    host.load();
    host.startDetectors();
    await().until(() -> view(host, "a").lastError().isPresent());
    host.close();
    assertThat(view(host, "a").state()).isEqualTo("STOPPED");
  }

  @Test
  void aWaitingDetectorTellsWhenItIsTriedAgain() throws IOException {
    plugin("a").detector("throw new Exception(\"boom\");").buildTo(jar("a"));
    PluginHost host =
        open("", List.of(PluginFolder.own(plugins())), time -> Thread.sleep(Duration.ofDays(1)));
    host.load();
    host.startDetectors();
    await().until(() -> view(host, "a").nextTry().isPresent());
    assertThat(view(host, "a").state()).isEqualTo("FAILED");
    assertThat(view(host, "a").nextTry().orElseThrow())
        .isBetween(START.plusMillis(750), START.plusMillis(1_000));
    host.close();
    assertThat(view(host, "a").state()).isEqualTo("STOPPED");
  }

  @Test
  void errorsInConstructorAndRunAreContained() throws IOException {
    plugin("a")
        .source(
            "D",
            "public class D implements Detector { public D() { throw new StackOverflowError(\"c\");"
                + " } public void run(DetectorContext context) {}}")
        .service(Detector.class, "plug.D")
        .buildTo(jar("a"));
    plugin("b").detector("throw new NoClassDefFoundError(\"r\");").buildTo(jar("b"));
    PluginHost host = started("");
    await().until(() -> failedForGood(host, "a") && failedForGood(host, "b"));
    assertThat(view(host, "a").lastError()).contains("StackOverflowError: c");
    assertThat(view(host, "b").lastError()).contains("NoClassDefFoundError: r");
  }

  @Test
  void aDetectorThatReturnsIsRestarted() throws IOException {
    plugin("a").detector("").buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> failedForGood(host, "a"));
    assertThat(view(host, "a").lastError().orElseThrow()).contains("run() returned");
  }

  @Test
  void wrongSettingsFailAtOnceWithTheReason() throws IOException {
    plugin("a")
        .detector(
            "try { context.config(Settings.class); } catch (IllegalArgumentException e) { throw new"
                + " RuntimeException(e); } } public record Settings(int capacity) {")
        .buildTo(jar("a"));
    PluginHost host = started("plugins.a.capcity = 3");
    await().until(() -> failedForGood(host, "a"));
    assertThat(view(host, "a").lastError().orElseThrow())
        .contains("plugins.a.capcity")
        .contains("did you mean capacity?");
    assertThat(pauses).isEmpty();
  }

  @Test
  void theOperatorsSettingsStandOverTheJarsReference() throws IOException {
    plugin("a")
        .entry("reference.conf", "first = from-jar, second = from-jar\n")
        .detector(
            "Settings s = context.config(Settings.class);"
                + report("s.first()")
                + report("s.second()")
                + WAIT
                + "} public record Settings(String first, String second) {")
        .buildTo(jar("a"));
    started("plugins.a { enabled = true, second = from-operator }");
    await().until(() -> sink.threats().equals(List.of("from-jar", "from-operator")));
  }

  @Test
  void aDisabledPluginIsShownAndNotLoaded() throws IOException {
    plugin("a").detector(report("\"x\"") + WAIT).buildTo(jar("a"));
    PluginHost host = started("plugins.a.enabled = false");
    assertThat(view(host, "a").state()).isEqualTo("DISABLED");
    assertThat(view(host, "a").kinds()).containsExactly("detector");
    assertThat(running()).isEmpty();
  }

  @Test
  void aSwitchThatIsNeitherOnNorOffIsAFault() throws IOException {
    plugin("a").detector(WAIT).buildTo(jar("a"));
    PluginHost host = started("plugins.a.enabled = perhaps");
    assertFailed(host, "a", "plugins.a.enabled");
  }

  @Test
  void aCopyRunsAndFormerCopiesAreCleared() throws IOException {
    Path former = directory.resolve("data/plugins-running/a-0000000000000000.jar");
    Files.createDirectories(former.getParent());
    Files.writeString(former, "former");
    plugin("a").detector(WAIT).buildTo(jar("a"));
    started("");
    assertThat(running()).hasSize(1).noneMatch(former::equals);
    assertThat(running().getFirst().getFileName().toString()).matches("a-[0-9a-f]{16}\\.jar");
  }

  @Test
  void aCopyThatIsNotTheJarIsMadeAnew() throws IOException {
    plugin("a").detector(WAIT).buildTo(jar("a"));
    RunningCopies former = new RunningCopies(directory.resolve("data/plugins-running"));
    Path copy = former.of("a", jar("a")).file();
    byte[] whole = Files.readAllBytes(copy);
    Files.write(copy, Arrays.copyOf(whole, whole.length / 2));
    PluginHost host = started("");
    await().until(() -> view(host, "a").state().equals("ACTIVE"));
    assertThat(running()).containsExactly(copy);
    assertThat(copy).hasSameBinaryContentAs(jar("a"));
  }

  @Test
  void aRefusedReportThrowsAndIsCounted() throws IOException {
    plugin("a")
        .detector(
            "try {"
                + report("\"bad\"")
                + "} catch (IllegalArgumentException e) {"
                + report("e.getMessage()")
                + "}"
                + WAIT)
        .buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> sink.threats().equals(List.of("bad", "'bad' is no threat")));
    await().until(() -> view(host, "a").refused() == 1 && view(host, "a").produced() == 1);
  }

  @Test
  void aCheckpointGoesWithTheNextReportAndIsThereAfterARestart() throws IOException {
    plugin("a")
        .detector(
            "String s = context.checkpoint().saved().map(String::new).orElse(\"none\");"
                + " context.checkpoint().save((s + \"+\").getBytes());"
                + report("s")
                + WAIT)
        .buildTo(jar("a"));
    PluginHost first = started("");
    await().until(() -> sink.threats().equals(List.of("none")));
    first.close();
    assertThat(sink.submissions.getFirst().checkpoint()).isTrue();
    started("");
    await().until(() -> sink.threats().equals(List.of("none", "none+")));
  }

  @Test
  void aCheckpointWithoutAReportIsSavedSoon() throws IOException {
    plugin("a").detector("context.checkpoint().save(new byte[9]);" + WAIT).buildTo(jar("a"));
    started("");
    await().until(() -> sink.checkpoint("a/plug.D").isPresent());
    assertThat(sink.submissions).hasSize(1);
  }

  @Test
  void whatALineReportsIsCommittedTogetherWithItsPosition() throws IOException {
    Path log = Files.writeString(directory.resolve("app.log"), "");
    plugin("a").detector(follower(log)).buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> !sink.submissions.isEmpty());
    Files.writeString(log, "one\nbad\nquiet\ntwo\n", StandardOpenOption.APPEND);
    await().until(() -> sink.threats().equals(List.of("one", "bad", "two")));
    assertThat(sink.submissions).allMatch(RecordingSink.Submission::checkpoint);
    await().until(() -> view(host, "a").produced() == 2 && view(host, "a").refused() == 1);
    host.close();
    Files.writeString(log, "three\n", StandardOpenOption.APPEND);
    started("");
    await().until(() -> sink.threats().equals(List.of("one", "bad", "two", "three")));
  }

  @Test
  void aDetectorsOwnCheckpointNeverOverwritesThePositions() throws IOException {
    Path log = Files.writeString(directory.resolve("app.log"), "");
    plugin("a")
        .detector("context.checkpoint().save(new byte[1]);" + follower(log))
        .buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> sink.checkpoint("a/plug.D#follow").isPresent());
    Files.writeString(log, "one\n", StandardOpenOption.APPEND);
    await().until(() -> sink.threats().equals(List.of("one")));
    host.close();
    Files.writeString(log, "two\n", StandardOpenOption.APPEND);
    started("");
    await().until(() -> sink.threats().equals(List.of("one", "two")));
  }

  @Test
  void linesThatKillTheHandlerNeverStopTheDetectorForGood() throws IOException {
    Path log = Files.writeString(directory.resolve("app.log"), "");
    plugin("a").detector(follower(log)).buildTo(jar("a"));
    started("");
    await().until(() -> !sink.submissions.isEmpty());
    Files.writeString(log, "kill\nkill\nkill\nafter\n", StandardOpenOption.APPEND);
    await().until(() -> sink.threats().equals(List.of("after")));
    assertThat(pauses).hasSize(9);
  }

  @Test
  void followingTwiceIsAFault() throws IOException {
    Path log = Files.writeString(directory.resolve("app.log"), "");
    plugin("a")
        .detector(
            "var r = new FollowRequest(List.of(\"%s\"), FollowRequest.From.END);".formatted(log)
                + "Thread t = Thread.currentThread();"
                + "context.follow(r, (line, file) -> context.follow(r, (l, f) -> {}));")
        .buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> !sink.submissions.isEmpty());
    Files.writeString(log, "line\n", StandardOpenOption.APPEND);
    await().until(() -> view(host, "a").lastError().isPresent());
    assertThat(view(host, "a").lastError().orElseThrow()).contains("follow() was called already");
  }

  @Test
  void aDetectorThatDoesNotStopIsWedgedAndCanReportNoMore() throws IOException {
    stopLimit = Duration.ofMillis(50);
    plugin("a")
        .detector(
            "while (!Files.exists(Path.of(\"%s\"))) { try { Thread.sleep(5); } catch"
                    .formatted(directory.resolve("let-go"))
                + " (InterruptedException e) {} }"
                + report("\"too-late\""))
        .buildTo(jar("a"));
    PluginHost host = started("");
    await().until(() -> view(host, "a").state().equals("ACTIVE"));
    host.close();
    assertThat(view(host, "a").state()).isEqualTo("WEDGED");
    Files.createFile(directory.resolve("let-go"));
    await().until(() -> view(host, "a").state().equals("STOPPED"));
    assertThat(sink.threats()).isEmpty();
  }

  @Test
  void changesAreToldAndAFaultyListenerHarmsNobody() throws IOException {
    plugin("a").detector(WAIT).buildTo(jar("a"));
    PluginHost host = open("", List.of(PluginFolder.own(plugins())), pauses::add);
    List<String> seen = new CopyOnWriteArrayList<>();
    host.onChange(
        () -> {
          throw new IllegalStateException("a listener's own fault");
        });
    host.onChange(() -> host.views().forEach(view -> seen.add(view.state())));
    host.load();
    host.startDetectors();
    await().until(() -> seen.contains("ACTIVE"));
    host.close();
    assertThat(seen.stream().distinct())
        .containsExactly("RESOLVED", "STARTING", "ACTIVE", "STOPPING", "STOPPED");
  }

  @Test
  void threePluginsAreStoppedAndAFaultyPluginClassHindersNone() throws IOException {
    for (String id : List.of("a", "b", "c")) {
      plugin(id)
          .detector(WAIT)
          .source(
              "Life",
              "public class Life extends org.pf4j.Plugin { public void stop() { throw new"
                  + " StackOverflowError(\"100% faulty {}\"); } }")
          .manifest("Plugin-Class", "plug.Life")
          .buildTo(jar(id));
    }
    PluginHost host = started("");
    await().until(() -> host.views().stream().allMatch(view -> view.state().equals("ACTIVE")));
    host.close();
    assertThat(host.views()).allMatch(view -> view.state().equals("STOPPED"));
  }

  @Test
  void aPluginClassThatFailsToStartIsShownWithTheReason() throws IOException {
    plugin("a")
        .detector(WAIT)
        .source(
            "Life",
            "public class Life extends org.pf4j.Plugin { public void start() { throw new"
                + " ExceptionInInitializerError(\"no luck\"); } }")
        .manifest("Plugin-Class", "plug.Life")
        .buildTo(jar("a"));
    plugin("b").detector(WAIT).buildTo(jar("b"));
    PluginHost host = started("");
    assertFailed(host, "a", "ExceptionInInitializerError: no luck");
    await().until(() -> view(host, "b").state().equals("ACTIVE"));
  }

  @Test
  void aTransportIsStartedByTheNodeWithItsContext() throws Exception {
    transport("t", "context.threads().newThread(() -> {}).start();");
    PluginHost host = started("");
    assertThat(view(host, "t").state()).isEqualTo("RESOLVED");
    LoadedTransport transport = host.transports().getFirst();
    assertThat(transport.start(new NoIdentity(), limits(), true)).isInstanceOf(Transport.class);
    assertThat(view(host, "t").state()).isEqualTo("ACTIVE");
  }

  @Test
  void anErrorOfATransportBecomesAnIoException() throws Exception {
    transport("t", "throw new UnsatisfiedLinkError(\"no library\");");
    PluginHost host = started("");
    LoadedTransport transport = host.transports().getFirst();
    assertThatThrownBy(() -> transport.start(new NoIdentity(), limits(), true))
        .isInstanceOf(IOException.class)
        .hasMessage("t: UnsatisfiedLinkError: no library");
    assertThat(view(host, "t").state()).isEqualTo("FAILED");
  }

  @Test
  void aTransportsThreadsAreInterruptedAtTheEnd() throws Exception {
    transport(
        "t",
        "context.threads().newThread(() -> { try { Thread.sleep(Long.MAX_VALUE); } catch"
            + " (InterruptedException e) {} }).start();");
    PluginHost host = started("");
    host.transports().getFirst().start(new NoIdentity(), limits(), true);
    host.close();
    assertThat(view(host, "t").state()).isEqualTo("STOPPED");
  }

  @Test
  void aTransportThatMakesThreadsWithoutEndIsStoppedAsWell() throws Exception {
    transport(
        "t",
        "Runnable[] again = new Runnable[1]; again[0] = () -> {"
            + " context.threads().newThread(again[0]).start(); try { Thread.sleep(1); } catch"
            + " (InterruptedException e) { context.threads().newThread(again[0]).start(); } };"
            + " again[0].run();");
    PluginHost host = started("");
    host.transports().getFirst().start(new NoIdentity(), limits(), true);
    host.close();
    assertThat(view(host, "t").state()).isEqualTo("STOPPED");
  }

  @Test
  void whatADiscoveryFindsReachesTheNode() throws IOException {
    discovery(
        "d",
        "if (context.alone() && context.port() == 9001 && context.self().hex().startsWith(\"5\"))"
            + " context.found(new HostPort(\"192.0.2.7\", 9002),"
            + " Optional.of(new NodeId(\"a\".repeat(64))));"
            + WAIT);
    PluginHost host = started("");
    assertThat(view(host, "d"))
        .extracting(PluginView::state, PluginView::kinds)
        .containsExactly("RESOLVED", List.of("discovery"));
    FoundAddresses node = new FoundAddresses();
    host.startDiscovery(node);
    await().until(() -> node.found.equals(List.of("192.0.2.7:9002 " + "a".repeat(64))));
    await().until(() -> view(host, "d").produced() == 1);
    host.close();
    assertThat(view(host, "d").state()).isEqualTo("STOPPED");
  }

  @Test
  void aDiscoveryThatFloodsIsCutShortAlsoAcrossItsRestarts() throws IOException {
    discovery(
        "d",
        "for (int i = 0; i < 300; i++) context.found(new HostPort(\"192.0.2.7\", 1 + i),"
            + " Optional.empty());");
    PluginHost host = started("");
    FoundAddresses node = new FoundAddresses();
    host.startDiscovery(node);
    await().until(() -> failedForGood(host, "d"));
    assertThat(node.found).hasSize(FoundGuard.MOST);
    assertThat(view(host, "d").refused()).isEqualTo(5 * 300 - FoundGuard.MOST);
  }

  @Test
  void aDiscoveryThatFailsIsShownWithTheReasonAndTriedAgain() throws IOException {
    discovery("d", "throw new java.io.IOException(\"UDP port 9999 is in use\");");
    PluginHost host = started("");
    host.startDiscovery(new FoundAddresses());
    await().until(() -> failedForGood(host, "d"));
    assertThat(view(host, "d").lastError()).contains("IOException: UDP port 9999 is in use");
    assertThat(pauses).hasSize(4);
  }

  @Test
  void aPortThatNobodyListensOnIsADiscoverysFault() throws IOException {
    discovery("d", "context.found(new HostPort(\"192.0.2.7\", 0), Optional.empty());");
    PluginHost host = started("");
    host.startDiscovery(new FoundAddresses());
    await().until(() -> view(host, "d").lastError().isPresent());
    assertThat(view(host, "d").lastError().orElseThrow()).contains("port 0 of 192.0.2.7");
  }

  @Test
  void aDiscoveryThatTheOperatorDoesNotWantIsShownAsDisabled() throws IOException {
    discovery("d", WAIT);
    PluginHost host = started("");
    host.disableDiscovery();
    assertThat(view(host, "d").state()).isEqualTo("DISABLED");
    host.close();
    assertThat(view(host, "d").state()).isEqualTo("DISABLED");
  }

  private void discovery(String id, String run) throws IOException {
    plugin(id)
        .source(
            "P",
            "public class P implements PeerDiscovery { public void run(DiscoveryContext context)"
                + " throws Exception { "
                + run
                + " } }")
        .service(PeerDiscovery.class, "plug.P")
        .buildTo(jar(id));
  }

  private static final class FoundAddresses implements DiscoverySink {
    final List<String> found = new CopyOnWriteArrayList<>();

    @Override
    public NodeId self() {
      return new NodeId("5".repeat(64));
    }

    @Override
    public int port() {
      return 9001;
    }

    @Override
    public boolean alone() {
      return true;
    }

    @Override
    public void found(HostPort address, Optional<NodeId> peer) {
      found.add(address + " " + peer.map(NodeId::hex).orElse("?"));
    }
  }

  private void transport(String id, String start) throws IOException {
    plugin(id)
        .source(
            "T",
            "public class T implements Transport { public void start(TransportContext context) { "
                + start
                + " } public Listener listen(HostPort a) { return null; } public Link"
                + " dial(HostPort a, DialPolicy p) { return null; } }")
        .service(Transport.class, "plug.T")
        .buildTo(jar(id));
  }

  private static String follower(Path log) {
    return ("context.follow(new FollowRequest(List.of(\"%s\"), FollowRequest.From.END), (line, file)"
                + " -> { if (line.equals(\"kill\")) throw new StackOverflowError(); if"
                + " (!line.equals(\"quiet\")) ")
            .formatted(log)
        + report("line")
        + " });";
  }

  /** Reports the value of an expression as a threat type. */
  private static String report(String expression) {
    return "context.report(Detection.of(new Indicator.Ip(\"203.0.113.7\"), "
        + expression
        + ", Severity.HIGH).build());";
  }

  private JarBuilder plugin(String id) {
    return JarBuilder.plugin(directory, id);
  }

  private Path plugins() {
    return directory.resolve("plugins");
  }

  private Path jar(String name) {
    return plugins().resolve(name + ".jar");
  }

  private List<Path> running() throws IOException {
    Path copies = directory.resolve("data/plugins-running");
    if (!Files.exists(copies)) {
      return List.of();
    }
    try (var files = Files.list(copies)) {
      return files.toList();
    }
  }

  private PluginHost started(String config) {
    return started(config, List.of(PluginFolder.own(plugins())));
  }

  private PluginHost started(String config, List<PluginFolder> directories) {
    PluginHost host = open(config, directories, pauses::add);
    host.load();
    host.startDetectors();
    return host;
  }

  private PluginHost open(
      String config, List<PluginFolder> directories, SupervisedExtension.Pause pause) {
    PluginHost host =
        PluginHost.open(
            new PluginHostSettings(
                directory.resolve("data"), directories, ConfigFactory.parseString(config)),
            sink,
            () -> START,
            new SplittableRandom(7),
            new PluginHost.Timing(
                new FollowSettings(Duration.ofMillis(5), Duration.ofSeconds(5), false),
                Duration.ofMillis(20),
                stopLimit,
                pause));
    hosts.add(host);
    return host;
  }

  private static PluginView view(PluginHost host, String id) {
    return host.views().stream().filter(view -> view.id().equals(id)).findFirst().orElseThrow();
  }

  private static boolean failedForGood(PluginHost host, String id) {
    return view(host, id).state().equals("FAILED") && view(host, id).nextTry().isEmpty();
  }

  private static void assertFailed(PluginHost host, String id, String reason) {
    assertThat(view(host, id).state()).as(id).isEqualTo("FAILED");
    assertThat(view(host, id).lastError().orElseThrow()).contains(reason);
  }

  private static TransportLimits limits() {
    Duration second = Duration.ofSeconds(1);
    return new TransportLimits(second, second, second, second, second, 1, 1, 1);
  }

  private static final class NoIdentity implements TlsIdentity {
    @Override
    public NodeId self() {
      return new NodeId("0".repeat(64));
    }

    @Override
    public SSLContext context() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SSLContext contextFor(NodeId expected) {
      throw new UnsupportedOperationException();
    }

    @Override
    public NodeId peer(SSLSession session) {
      throw new UnsupportedOperationException();
    }
  }
}
