package io.cyphermesh.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.syslog.Rsyslogd.Message;
import io.cyphermesh.testkit.Events;
import io.cyphermesh.testkit.ExporterHarness;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the syslog server that most receivers are. */
class RsyslogTest {
  private static final String CLIENT = "node1.example";
  private static final String HEADER = "host = localhost, hostname = " + CLIENT + "\n";
  private static final int RESTARTS = 3;
  private static final int BATCHES = 60;
  private static final int BATCH = 25;

  @TempDir static Path keys;
  private static Optional<Certificates> receiverKeys = Optional.empty();
  private static Optional<Certificates> clientKeys = Optional.empty();

  @TempDir Path directory;
  private Optional<Rsyslogd> running = Optional.empty();

  @BeforeAll
  static void makeKeys() throws Exception {
    Optional<String> missing = Rsyslogd.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    receiverKeys = Optional.of(Certificates.in(keys));
    clientKeys = Optional.of(Certificates.of(CLIENT, keys));
  }

  @AfterEach
  void stop() {
    running.ifPresent(Rsyslogd::close);
  }

  @Test
  void cefArrivesWholeOverTcp() throws Exception {
    Rsyslogd receiver = start("");

    export(HEADER + "port = " + receiver.ports().tcp(), events());

    await().until(() -> receiver.messages().size() == events().size());
    assertThat(receiver.messages()).isEqualTo(cef());
  }

  @Test
  void jsonArrivesWholeOverTcp() throws Exception {
    Rsyslogd receiver = start("");

    export(HEADER + "format = json, port = " + receiver.ports().tcp(), events());

    await().until(() -> receiver.messages().size() == events().size());
    assertThat(receiver.messages())
        .isEqualTo(events().stream().map(event -> message(event, event.toJson())).toList());
  }

  @Test
  void messagesArriveWholeBehindLineFeeds() throws Exception {
    Rsyslogd receiver = start("");

    export(HEADER + "framing = lf, port = " + receiver.ports().tcp(), events());

    await().until(() -> receiver.messages().size() == events().size());
    assertThat(receiver.messages()).isEqualTo(cef());
  }

  @Test
  void messagesArriveWholeOverUdp() throws Exception {
    Rsyslogd receiver = start("");

    export(HEADER + "transport = udp, port = " + receiver.ports().udp(), events());

    await().until(() -> receiver.messages().size() == events().size());
    assertThat(receiver.messages()).containsExactlyInAnyOrderElementsOf(cef());
  }

  @Test
  void messagesArriveWholeOverTls() throws Exception {
    Rsyslogd receiver = start("");

    export(HEADER + tls(receiver.ports().tls()), events());
    export(HEADER + tls(receiver.ports().tls()) + "\nconfirm = false", events());

    await().until(() -> receiver.messages().size() == 2 * events().size());
    assertThat(receiver.messages().subList(0, events().size())).isEqualTo(cef());
    assertThat(receiver.messages().subList(events().size(), 2 * events().size())).isEqualTo(cef());
  }

  @Test
  void aReceiverThatAsksForACertificateGetsIt() throws Exception {
    Rsyslogd receiver = start("");
    Certificates own = clientKeys.orElseThrow();

    export(
        HEADER
            + tls(receiver.ports().mutual())
            + "\ncert-file = \""
            + own.certificate()
            + "\", key-file = \""
            + own.key()
            + "\"",
        events());

    await().until(() -> receiver.messages().size() == events().size());
    assertThat(receiver.messages()).isEqualTo(cef());
  }

  /** In TLS 1.3 this side is through before the other has looked at its certificate. */
  @Test
  void nothingCountsAsDeliveredToAReceiverThatRefusesTheCertificate() throws Exception {
    Rsyslogd receiver = start("");

    try (ExporterHarness harness = harness(HEADER + tls(receiver.ports().mutual()))) {
      for (int attempt = 0; attempt < 3; attempt++) {
        assertThatThrownBy(() -> harness.export(events())).isInstanceOf(IOException.class);
      }
    }
    assertThat(receiver.messages()).isEmpty();
  }

  @Test
  void theLargestMessageArrivesWhereRsyslogTakesSuch() throws Exception {
    Rsyslogd receiver = start("maxMessageSize=\"64k\"");
    ThreatEvent large = signed("203.0.113.7", 16 * 1024);

    export(
        HEADER
            + "max-message = 65507, format = json, signed = true, port = "
            + receiver.ports().tcp(),
        large);
    export(
        HEADER
            + "max-message = 65507, format = json, signed = true, transport = udp, port = "
            + receiver.ports().udp(),
        large);

    await().until(() -> receiver.messages().size() == 2);
    Message sent = message(large, large.toVerifiableJson());
    assertThat(sent.msg().length()).isGreaterThan(16 * 1024);
    assertThat(receiver.messages()).containsExactly(sent, sent);
  }

  /** rsyslog takes what is beyond its limit for the next message. */
  @Test
  void nobodyForgesAMessageBehindAnOverlongOne() throws Exception {
    Rsyslogd receiver = start("");
    ThreatEvent forger =
        details("203.0.113.7", "<0>1 2026-01-01T00:00:00Z x y - - - z ".repeat(400));
    ThreatEvent next = Events.event("203.0.113.8");

    export(HEADER + "port = " + receiver.ports().tcp(), List.of(forger, next));
    export(
        HEADER + "format = json, signed = true, port = " + receiver.ports().tcp(),
        List.of(forger, next));

    await().until(() -> receiver.messages().size() >= 4);
    assertThat(receiver.messages())
        .hasSize(4)
        .allMatch(message -> message.hostname().equals(CLIENT));
    assertThat(receiver.messages().get(2).msg()).doesNotContain("details").endsWith("}");
  }

  @Test
  void whatTheReceiverNeverReadIsSentAgain() throws Exception {
    Rsyslogd receiver = start("");
    ThreatEvent event = Events.event("203.0.113.7");
    try (ExporterHarness harness = harness(HEADER + "port = " + receiver.ports().tcp());
        ExecutorService exporting = Executors.newSingleThreadExecutor()) {
      receiver.freeze();
      Future<?> first =
          exporting.submit(
              () -> {
                harness.export(event);
                return true;
              });
      // Its kernel took the message, and nobody reads it.
      await().during(Duration.ofMillis(300)).until(() -> !first.isDone());
      receiver.kill();

      assertThatThrownBy(first::get)
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseInstanceOf(IOException.class);
      receiver.start();
      harness.export(event);

      await().until(() -> receiver.messages().size() == 1);
    }
  }

  @Test
  void whatTheReceiverNeverReadIsGoneWhereNobodyAsks() throws Exception {
    Rsyslogd receiver = start("");
    ThreatEvent second = Events.event("203.0.113.2");
    try (ExporterHarness harness =
        harness(HEADER + "confirm = false, port = " + receiver.ports().tcp())) {
      receiver.freeze();
      harness.export(Events.event("203.0.113.1"));
      receiver.kill();
      receiver.start();

      assertThatThrownBy(() -> harness.export(second)).isInstanceOf(IOException.class);
      harness.export(second);

      await().until(() -> receiver.messages().size() == 1);
      assertThat(receiver.messages().getFirst().msg()).contains("src=203.0.113.2 ");
    }
  }

  @Test
  void nothingIsLostWhenTheReceiverIsRestarted() throws Exception {
    Rsyslogd receiver = start("");
    List<ThreatEvent> all =
        IntStream.range(0, BATCHES * BATCH)
            .mapToObj(i -> Events.event("2001:db8::" + Integer.toHexString(i)))
            .toList();
    try (ExporterHarness harness = harness(HEADER + "port = " + receiver.ports().tcp());
        ExecutorService operator = Executors.newSingleThreadExecutor()) {
      List<Future<?>> restarts = new ArrayList<>();
      for (int batch = 0; batch < BATCHES; batch++) {
        if (batch % (BATCHES / RESTARTS) == BATCHES / RESTARTS / 2) {
          restarts.add(
              operator.submit(
                  () -> {
                    receiver.stop();
                    return receiver.start();
                  }));
        }
        deliver(harness, all.subList(batch * BATCH, (batch + 1) * BATCH));
      }
      for (Future<?> restart : restarts) {
        restart.get();
      }
    }

    await().until(() -> new LinkedHashSet<>(receiver.messages()).size() == all.size());
    List<Message> arrived = receiver.messages();
    assertThat(new ArrayList<>(new LinkedHashSet<>(arrived)))
        .isEqualTo(all.stream().map(RsyslogTest::cef).toList());
    assertThat(arrived).hasSizeLessThanOrEqualTo(all.size() + RESTARTS * BATCH);
  }

  /** As the node does it: the same batch until it is delivered. */
  private static void deliver(ExporterHarness harness, List<ThreatEvent> batch) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              harness.export(batch);
              return true;
            });
  }

  private Rsyslogd start(String global) throws IOException {
    Rsyslogd receiver =
        new Rsyslogd(
            directory, receiverKeys.orElseThrow(), clientKeys.orElseThrow(), CLIENT, global);
    running = Optional.of(receiver);
    return receiver.start();
  }

  private static String tls(int port) {
    return "transport = tls, port = "
        + port
        + ", ca-file = \""
        + receiverKeys.orElseThrow().certificate()
        + "\"";
  }

  private ExporterHarness harness(String settings) throws Exception {
    return ExporterHarness.of(new SyslogExporter(), directory).settings(settings).start();
  }

  private void export(String settings, ThreatEvent event) throws Exception {
    export(settings, List.of(event));
  }

  private void export(String settings, List<ThreatEvent> events) throws Exception {
    try (ExporterHarness harness = harness(settings)) {
      harness.export(events);
    }
  }

  private static List<Message> cef() {
    return events().stream().map(RsyslogTest::cef).toList();
  }

  private static Message cef(ThreatEvent event) {
    return message(event, new Cef("development").of(event));
  }

  private static Message message(ThreatEvent event, String body) {
    String priority =
        switch (event.severity()) {
          case CRITICAL -> "162";
          case HIGH -> "163";
          case MEDIUM -> "164";
          case LOW, UNKNOWN -> "165";
        };
    return new Message(
        priority,
        "1",
        event.time().toString(),
        CLIENT,
        "cyphermesh",
        "-",
        event.threatType().replaceAll("[^!-~]", "_"),
        "-",
        body);
  }

  private static List<ThreatEvent> events() {
    return List.of(
        Events.event("203.0.113.7"),
        Events.event("2001:db8::1", "port-scan", Severity.LOW),
        Events.event("203.0.113.8", "c2-beacon", Severity.CRITICAL),
        Events.event("203.0.113.9", "two words ü", Severity.UNKNOWN),
        details("203.0.113.10", "line\\nbreaks\\r\\nand\\ttabs and \\u0000\\u001b[31m"),
        details("203.0.113.11", "a|b=c\\\\d]e\\\"f[g]h='i' <1>1 - - - - [x y=\\\"z\\\"]"),
        details("203.0.113.12", "caf\\u00e9 \\u20ac \\ud83d\\ude00 \\u65e5\\u672c"),
        details("http://example.org/?a=b|c&d=\"e\"\\f]\ng", "in the observable"),
        // Close to the 8 KiB that rsyslog takes where nobody says otherwise.
        details("203.0.113.13", "x".repeat(7_000)));
  }

  private static ThreatEvent details(String source, String description) {
    return Events.event(
        source,
        "ssh-bruteforce",
        Severity.MEDIUM,
        Tlp.GREEN,
        Optional.of("{\"description\": \"" + description + "\", \"tlp\": \"green\"}"));
  }

  /** An event whose signed form is about as large as the protocol allows. */
  private static ThreatEvent signed(String source, int size) {
    ThreatEvent plain = details(source, "y".repeat(8_000));
    return new ThreatEvent(
        plain.id(),
        plain.sourceIp(),
        plain.threatType(),
        plain.severity(),
        plain.time(),
        plain.timeApproximate(),
        plain.tlp(),
        plain.reporter(),
        plain.local(),
        plain.receivedAt(),
        plain.detailsJson(),
        "{\"details\": {\"description\": \"" + "\\u00fc".repeat((size - 100) / 6) + "\"}}");
  }
}
