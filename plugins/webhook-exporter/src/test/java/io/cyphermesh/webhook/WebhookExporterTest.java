package io.cyphermesh.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.testkit.Events;
import io.cyphermesh.testkit.ExporterContract;
import io.cyphermesh.testkit.ExporterHarness;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookExporterTest extends ExporterContract {
  @TempDir Path directory;
  private Optional<Receiver> receivers = Optional.empty();

  @BeforeEach
  void listen() throws IOException {
    receivers = Optional.of(new Receiver());
  }

  @AfterEach
  void close() {
    receiver().close();
  }

  @Override
  protected Exporter exporter() {
    return new WebhookExporter();
  }

  @Override
  protected String settings() {
    return "url = \"" + receiver().url() + "\"";
  }

  @Override
  protected Optional<String> settingsOfASilentReceiver() {
    receiver().silent();
    return Optional.of(settings());
  }

  @Test
  void aBatchIsOneRequestOfJson() throws Exception {
    try (ExporterHarness harness = start("")) {
      harness.lost(3).export(Events.event("203.0.113.7"), event("198.51.100.2"));

      assertThat(receiver().requests()).hasSize(1);
      JsonObject body = receiver().requests().getFirst().json();
      assertThat(body.get("type").getAsString()).isEqualTo("cyphermesh.events");
      assertThat(body.get("node").getAsString()).isEqualTo(harness.self().hex());
      assertThat(body.get("lost").getAsLong()).isEqualTo(3);
      JsonObject second = body.getAsJsonArray("events").get(1).getAsJsonObject();
      assertThat(second.get("source_ip").getAsString()).isEqualTo("198.51.100.2");
      assertThat(second.get("time").getAsString()).isEqualTo("2026-01-01T11:59:00.250Z");
      assertThat(second.getAsJsonObject("details").get("count").getAsInt()).isEqualTo(3);
      assertThat(second.get("signed").getAsString()).startsWith("{\"id\":");
    }
  }

  @Test
  void theSignatureCoversIdTimeAndBody() throws Exception {
    try (ExporterHarness harness = start("secret-file = \"" + secret("s3cret\n") + "\"")) {
      harness.export(Events.event("203.0.113.7"));

      Receiver.Request request = receiver().requests().getFirst();
      String id = request.headers().getFirst("webhook-id");
      String time = request.headers().getFirst("webhook-timestamp");
      assertThat(time).isEqualTo(Long.toString(harness.clock().instant().getEpochSecond()));
      assertThat(request.headers().getFirst("webhook-signature"))
          .isEqualTo("v1," + hmac("s3cret", id + "." + time + ".", request.body()));
    }
  }

  @Test
  void theSameBatchHasTheSameId() throws Exception {
    try (ExporterHarness one = start("");
        ExporterHarness other = start("")) {
      one.export(Events.event("203.0.113.7"));
      other.export(Events.event("203.0.113.7"));
      one.export(Events.event("203.0.113.8"));
    }

    List<String> ids =
        receiver().requests().stream().map(r -> r.headers().getFirst("webhook-id")).toList();
    assertThat(ids.get(0)).isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 401, 404, 429, 500, 503})
  void anyAnswerBut2xxIsAFailureWithItsCode(int code) throws Exception {
    receiver().answering(code);
    try (ExporterHarness harness = start("")) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Integer.toString(code));
    }
  }

  @Test
  void aReceiverThatDoesNotAnswerIsGivenUpInTime() throws Exception {
    receiver().silent();
    try (ExporterHarness harness = start("timeout = 200ms")) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no answer from 127.0.0.1");
    }
  }

  @Test
  void aReceiverWhoseAnswerNeverEndsIsGivenUpInTime() throws Exception {
    receiver().dripping();
    try (ExporterHarness harness = start("timeout = 300ms")) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no answer from 127.0.0.1");
    }
  }

  @Test
  void nothingButHttp11IsAskedOfAServerWithoutTls() throws Exception {
    try (ExporterHarness harness = start("")) {
      harness.export(Events.event("203.0.113.1"));
    }

    assertThat(receiver().requests().getFirst().headers()).doesNotContainKey("Upgrade");
  }

  @Test
  void aReceiverThatIsNotThereIsNamed() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (ExporterHarness harness =
        harness("url = \"http://127.0.0.1:" + port + "/hook\"").start()) {
      assertThatThrownBy(() -> harness.export(Events.event("203.0.113.7")))
          .isInstanceOf(IOException.class)
          .hasMessage("nobody listens at 127.0.0.1:" + port);
    }
  }

  @Test
  void aBatchThatIsTooLargeIsPostedInParts() throws Exception {
    receiver().takingAtMost(2_000);
    List<ThreatEvent> events =
        IntStream.range(0, 13).mapToObj(i -> Events.event("203.0.113." + i)).toList();
    try (ExporterHarness harness = start("")) {
      harness.export(events);
    }

    assertThat(receiver().requests()).hasSizeGreaterThan(1);
    assertThat(receiver().requests().stream().flatMap(r -> r.sources().stream()))
        .containsExactlyElementsOf(events.stream().map(ThreatEvent::sourceIp).toList());
    assertThat(receiver().requests().stream().map(r -> r.headers().getFirst("webhook-id")))
        .doesNotHaveDuplicates();
  }

  @Test
  void moreHeadersAreSent() throws Exception {
    try (ExporterHarness harness = start("headers { Authorization = \"Bearer abc\" }")) {
      harness.export(Events.event("203.0.113.1"));
    }

    assertThat(receiver().requests().getFirst().headers().getFirst("Authorization"))
        .isEqualTo("Bearer abc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "url = \"\"",
        "url = \"ftp://siem.example/\"",
        "url = \"http://\"",
        "url = \"not a url\"",
        "timeout = 0s",
        "headers { Host = evil }",
        "headers { \"Bad Name\" = x }",
        "secret-file = /nowhere/secret"
      })
  void wrongSettingsAreSaidAtStart(String settings) {
    assertThatThrownBy(() -> harness(settings() + "\n" + settings).start())
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void aSecretThatEverybodyCanReadIsRefused() throws Exception {
    Path file = secret("s3cret");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> start("secret-file = \"" + file + "\""))
        .hasMessageContaining("chmod 600");
  }

  private Receiver receiver() {
    return receivers.orElseThrow();
  }

  private ExporterHarness start(String more) throws Exception {
    return harness(settings() + "\n" + more).start();
  }

  private ExporterHarness harness(String settings) {
    return ExporterHarness.of(new WebhookExporter(), directory).settings(settings);
  }

  private static ThreatEvent event(String source) {
    return Events.event(
        source, "ssh-bruteforce", Severity.HIGH, Tlp.CLEAR, Optional.of("{\"count\": 3}"));
  }

  private Path secret(String text) throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private static String hmac(String secret, String head, byte[] body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    mac.update(head.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(mac.doFinal(body));
  }
}
