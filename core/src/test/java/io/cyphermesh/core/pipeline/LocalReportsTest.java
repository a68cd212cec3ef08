package io.cyphermesh.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalReportsTest {
  private static TestReporter self;

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00.123Z");
  private final List<StoredEvent> told = new CopyOnWriteArrayList<>();
  @TempDir Path directory;
  private EventStore store;
  private LocalReports reports;

  @BeforeAll
  static void makeIdentity() {
    self = TestReporter.create();
  }

  @BeforeEach
  void start() throws IOException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"), StoreSettings.DEFAULTS, (_, _, _) -> true, clock);
    reports = new LocalReports(self.identity(), store, clock, told::add);
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private static ManualReport manual(String details) {
    return new ManualReport(
        "::ffff:203.0.113.7", "port-scan", "low", Optional.of(details).filter(d -> !d.isEmpty()));
  }

  private static Detection detection(String ip, String description) {
    return new Detection(
        new Indicator.Ip(ip),
        "ssh-bruteforce",
        Severity.HIGH,
        Tlp.GREEN,
        Optional.of("rule"),
        OptionalInt.of(90),
        OptionalLong.of(3),
        Optional.empty(),
        Optional.empty(),
        Optional.of("T1110.001"),
        Optional.empty(),
        Optional.of(description),
        List.of("a"));
  }

  @Test
  void aReportIsSignedStoredAndTold() throws InterruptedException {
    StoredEvent stored = reports.report(manual("{\"b\": 1, \"a\": [2]}"));
    assertThat(new EventVerifier(Rsa.portable()).check(stored.event()))
        .isEqualTo(EventVerifier.Finding.FULL);
    assertThat(stored.event().sourceIp()).isEqualTo("203.0.113.7");
    assertThat(stored.event().timestamp()).isEqualTo("2026-11-22T10:06:00.123Z");
    assertThat(stored.event().details().orElseThrow().json()).isEqualTo("{\"a\": [2], \"b\": 1}");
    assertThat(told).containsExactly(stored);
  }

  @Test
  void theSameReportedTwiceWithinAMillisecondIsTwoEvents() throws InterruptedException {
    StoredEvent first = reports.report(manual(""));
    StoredEvent second = reports.report(manual("{}"));
    assertThat(second.key()).isNotEqualTo(first.key());
    assertThat(second.event().timestamp()).isEqualTo("2026-11-22T10:06:00.124Z");
  }

  @Test
  void whereTheClockIsSetBackTheStampsFollow() throws InterruptedException {
    reports.report(manual(""));
    clock.advance(Duration.ofDays(-1));
    assertThat(reports.report(manual("")).event().timestamp())
        .isEqualTo("2026-11-21T10:06:00.123Z");
  }

  @Test
  void whatPeersWouldNotTakeIsRefusedWithAReason() {
    for (String details :
        List.of(
            "{\"tlp\": \"purple\"}",
            "{\"tlp\": 1}",
            "{\"n\": 1.5}",
            "{\"N\": 1}",
            "[]",
            "{\"d\": \"" + "x".repeat(9_000) + "\"}")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reports.report(manual(details)))
          .withMessageMatching("[^\\n]+");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                reports.report(new ManualReport("x".repeat(17_000), "a", "low", Optional.empty())));
    assertThat(store.counts().stored()).isZero();
  }

  @Test
  void whoIsInterruptedWhileItIsStoredTellsItAllTheSame() throws InterruptedException {
    CountDownLatch written = new CountDownLatch(1);
    // The writer is busy until it is let go.
    store.adjust(
        new PeerId.PlainHost("192.0.2.1"),
        Optional.empty(),
        -1,
        Optional.empty(),
        _ -> {
          try {
            written.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread detector =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    reports.submit("o", "p", List.of(detection("203.0.113.7", "d")), state());
                    interrupted.set(Thread.currentThread().isInterrupted());
                  } catch (InterruptedException e) {
                    throw new AssertionError("it gave up", e);
                  }
                });
    await().until(() -> detector.getState() == Thread.State.WAITING);
    detector.interrupt();
    await().until(() -> !detector.isInterrupted());
    written.countDown();
    detector.join();
    assertThat(told).hasSize(1);
    assertThat(interrupted).isTrue();
    assertThat(store.checkpoint("o")).isPresent();
  }

  private static Optional<byte[]> state() {
    return Optional.of(new byte[] {1});
  }

  @Test
  void aDetectionsEventsAndCheckpointAreStoredTogether() throws InterruptedException {
    List<Optional<String>> refusals =
        reports.submit(
            "detector",
            "log-watcher",
            List.of(detection("203.0.113.7", "x"), detection("no address", "x")),
            Optional.of(new byte[] {7}));
    assertThat(refusals.get(0)).isEmpty();
    assertThat(refusals.get(1)).hasValueSatisfying(why -> assertThat(why).contains("no address"));
    assertThat(store.checkpoint("detector")).hasValue(new byte[] {7});
    assertThat(told)
        .singleElement()
        .satisfies(
            stored -> {
              assertThat(stored.local()).isTrue();
              assertThat(stored.event().tlp()).contains(Tlp.GREEN);
              assertThat(new EventVerifier(Rsa.portable()).check(stored.event()))
                  .isEqualTo(EventVerifier.Finding.FULL);
            });
  }

  @Test
  void aLongDescriptionIsCutBetweenCharacters() throws InterruptedException {
    String fire = Character.toString(0x1f525);
    List<Optional<String>> refusals =
        reports.submit(
            "detector",
            "log-watcher",
            List.of(
                detection("203.0.113.7", "x".repeat(511) + fire + "y"),
                detection("203.0.113.8", "x".repeat(510) + fire + "y")),
            Optional.empty());
    assertThat(refusals).containsOnly(Optional.empty());
    assertThat(told.get(0).event().details().orElseThrow().json())
        .contains("\"" + "x".repeat(511) + "\"");
    assertThat(told.get(1).event().details().orElseThrow().json()).contains("x\\ud83d\\udd25\"");
  }
}
