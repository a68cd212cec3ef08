package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.EventId;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.source.FollowSettings;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exporters of true jars over a true store. */
class ExporterHostTest {
  private static final TestReporter REPORTER = TestReporter.create();
  private static final String FROM_START = "plugins.x.export.from = start";

  /** Writes a line for each event to the file {@code out}. */
  private static final String WRITE =
      """
      for (ThreatEvent event : batch.events()) {
        Files.writeString(out, event.sourceIp() + "\\n", StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
      """;

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock("2026-11-22T10:00:00Z");
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private Duration stopLimit = Duration.ofSeconds(10);
  private Optional<EventStore> opened = Optional.empty();
  private Optional<PluginHost> running = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    opened =
        Optional.of(
            SqliteEventStore.open(
                directory.resolve("events.db"),
                StoreSettings.DEFAULTS,
                (reporter, firstSeen, now) -> true,
                clock));
  }

  @AfterEach
  void close() {
    running.ifPresent(PluginHost::close);
    opened.ifPresent(EventStore::close);
  }

  @Test
  void anExporterGetsWhatIsStored() throws Exception {
    exporter("", WRITE);
    start(FROM_START);
    store("203.0.113.1");
    store("203.0.113.2");

    await().until(() -> out().equals(List.of("203.0.113.1", "203.0.113.2")));
    await().until(() -> view().produced() == 2);
    assertThat(view().kinds()).containsExactly("exporter");
    assertThat(view().state()).isEqualTo("ACTIVE");
    assertThat(lag().events()).isZero();
  }

  @Test
  void anExporterGoesOnWhereItWasAfterARestart() throws Exception {
    exporter("", WRITE);
    start("");
    store("203.0.113.1");
    await().until(() -> out().size() == 1);
    running.orElseThrow().close();
    store("203.0.113.2");

    start("");

    await().until(() -> out().equals(List.of("203.0.113.1", "203.0.113.2")));
  }

  @Test
  void aBatchThatCouldNotBeDeliveredComesAgain() throws Exception {
    exporter(
        "int tries;",
        "if (++tries <= 3) { throw new java.io.IOException(\"receiver is down\"); }" + WRITE);
    start(FROM_START);
    store("203.0.113.1");

    await().until(() -> out().equals(List.of("203.0.113.1")));
    await().until(() -> view().state().equals("ACTIVE"));
    assertThat(view().lastError().orElseThrow()).contains("receiver is down");
    assertThat(view().restarts()).isZero();
    assertThat(pauses).hasSize(3);
    assertThat(pauses.get(2)).isGreaterThan(pauses.get(0));
  }

  @Test
  void anExporterThatCannotDeliverIsTriedForEver() throws Exception {
    exporter("", "throw new IllegalStateException(\"never\");");
    start(FROM_START);
    store("203.0.113.1");

    await().until(() -> pauses.size() > 20);

    assertThat(pauses.get(20)).isBetween(Duration.ofSeconds(225), Duration.ofMinutes(5));
    assertThat(lag().events()).isEqualTo(1);
  }

  @Test
  void anErrorOfTheExporterCountsAgainstIt() throws Exception {
    exporter("", "throw new StackOverflowError();");
    start(FROM_START);
    store("203.0.113.1");

    await().until(() -> view().state().equals("FAILED") && view().nextTry().isEmpty());

    assertThat(view().lastError().orElseThrow()).contains("StackOverflowError");
    assertThat(view().restarts()).isEqualTo(4);
  }

  @Test
  void anExporterThatCannotStartSaysWhy() throws Exception {
    exporter(
        "@Override public void start(ExporterContext c) { throw new IllegalArgumentException(\"url is"
            + " empty\"); }",
        WRITE,
        "");
    start("");

    await().until(() -> view().state().equals("FAILED"));
    assertThat(view().lastError().orElseThrow()).contains("url is empty");
  }

  @Test
  void aWrongExportSectionIsRefusedByName() throws Exception {
    exporter("", WRITE);
    start("plugins.x.export.batsh = 3");

    assertThat(view().state()).isEqualTo("FAILED");
    assertThat(view().lastError().orElseThrow()).contains("plugins.x.export.batsh");
  }

  @Test
  void anExporterThatIsStoppedLetsGo() throws Exception {
    exporter(
        "@Override public void stop() throws Exception { Files.writeString(out.resolveSibling(\"stopped\"),"
            + " \"\"); }",
        WRITE);
    start(FROM_START);
    store("203.0.113.1");
    await().until(() -> out().size() == 1);

    running.orElseThrow().close();

    assertThat(data().resolve("stopped")).exists();
    assertThat(view().state()).isEqualTo("STOPPED");
  }

  @Test
  void anExporterThatNeverReturnsIsWedgedAndHoldsNobodyUp() throws Exception {
    stopLimit = Duration.ofMillis(200);
    exporter(
        "",
        "while (true) { try { Thread.sleep(Long.MAX_VALUE); } catch (InterruptedException e) { } }");
    start(FROM_START);
    store("203.0.113.1");
    await().until(() -> view().state().equals("ACTIVE"));

    running.orElseThrow().close();

    assertThat(view().state()).isEqualTo("WEDGED");
  }

  @Test
  void aSlowExporterKeepsNobodyWaitingAndShowsItsLag() throws Exception {
    exporter("", "new java.util.concurrent.CountDownLatch(1).await();");
    start(FROM_START);
    int count = 5_000;
    SignedEvent model = REPORTER.event("203.0.113.1", clock.instant());
    for (int i = 0; i < count; i++) {
      clock.advance(Duration.ofMillis(1));
      store().add(new EventStore.Arrival(like(model, i), false, REPORTER.peer()), _ -> {});
      running.orElseThrow().stored();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> store().counts().stored() == count);

    assertThat(lag().events()).isEqualTo(count);
    assertThat(lag().since()).isPresent();
  }

  /** An exporter {@code plug.E} with fields and an {@code export} that has this body. */
  private void exporter(String fields, String body) throws IOException {
    exporter(
        fields,
        body,
        "@Override public void start(ExporterContext context) { out ="
            + " context.dataDirectory().resolve(\"out\"); }");
  }

  private void exporter(String fields, String body, String start) throws IOException {
    JarBuilder.plugin(directory, "x")
        .source(
            "E",
            "public class E implements Exporter { Path out; "
                + fields
                + start
                + " public void export(ExportBatch batch) throws Exception { "
                + body
                + " } }")
        .service(Exporter.class, "plug.E")
        .buildTo(directory.resolve("plugins").resolve("x.jar"));
  }

  private void start(String config) {
    PluginHost host =
        PluginHost.open(
            new PluginHostSettings(
                directory.resolve("data"),
                List.of(PluginFolder.own(directory.resolve("plugins"))),
                ConfigFactory.parseString(config)),
            new RecordingSink(),
            clock,
            new SplittableRandom(7),
            new PluginHost.Timing(
                FollowSettings.live(), Duration.ofSeconds(5), stopLimit, pauses::add));
    host.load();
    host.startExporters(store(), REPORTER.id());
    running = Optional.of(host);
    await()
        .until(
            () ->
                List.of("ACTIVE", "FAILED").contains(view().state())
                    && (view().lag().isPresent() || view().state().equals("FAILED")));
  }

  /** Another event with the same signature: the store does not look at it. */
  private static SignedEvent like(SignedEvent model, int i) {
    return new SignedEvent(
        new EventId("%064x".formatted(i)),
        "2001:db8::" + Integer.toHexString(i),
        model.threatType(),
        model.severity(),
        model.timestamp(),
        model.reporter(),
        model.signature(),
        model.details());
  }

  private EventStore store() {
    return opened.orElseThrow();
  }

  private void store(String source) throws InterruptedException {
    clock.advance(Duration.ofMillis(1));
    store().addLocal(List.of(REPORTER.event(source, clock.instant())), Optional.empty());
    running.ifPresent(PluginHost::stored);
  }

  private Path data() {
    return directory.resolve("data").resolve("plugins-data").resolve("x");
  }

  private List<String> out() throws IOException {
    Path file = data().resolve("out");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** How far it is behind, counted anew. */
  private ExportLag lag() {
    clock.advance(Duration.ofSeconds(1));
    return view().lag().orElseThrow();
  }

  private PluginView view() {
    return running.orElseThrow().views().getFirst();
  }
}
