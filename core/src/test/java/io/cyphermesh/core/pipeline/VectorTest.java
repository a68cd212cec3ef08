package io.cyphermesh.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.OriginalKeys;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier.Finding;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.MalformedEventException;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.OriginalEvent;
import io.cyphermesh.core.protocol.PlainCodec;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import io.cyphermesh.core.testing.FakeClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events by other hands: our own, which {@code src/test/vectors/make_vectors.py} writes, and those
 * in the folder that the system property {@code cyphermesh.vectors} names, where it is set.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VectorTest {
  /** Names a folder of further vectors; a file that it lacks is a failure. */
  private static final String FURTHER = "cyphermesh.vectors";

  private static final PeerId DELIVERER = new PeerId.Node(new NodeId("d".repeat(64)));

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final List<Rsa> providers = List.of(Rsa.portable(), Rsa.fastest());
  private EventStore store;
  private List<Pipeline> pipelines;

  @BeforeAll
  void openStore(@TempDir Path directory) throws IOException {
    store =
        SqliteEventStore.open(
            directory.resolve("events.db"), StoreSettings.DEFAULTS, (_, _, _) -> true, clock);
    pipelines =
        providers.stream()
            .map(
                rsa ->
                    new Pipeline(
                        new EventVerifier(rsa),
                        new OriginalVerifier(new OriginalKeys()),
                        store,
                        _ -> false,
                        Duration.ofDays(30),
                        clock))
            .toList();
  }

  @AfterAll
  void closeStore() {
    store.close();
  }

  @TestFactory
  Stream<DynamicTest> ourVersion1EventsAreReadAsTheyWereWritten() throws IOException {
    return version1(ours("v1-events.json"));
  }

  @TestFactory
  Stream<DynamicTest> ourVersion2EventsAreJudgedAsTheProtocolAsks() throws IOException {
    return version2(ours("v2-events.json"));
  }

  @TestFactory
  Stream<DynamicTest> furtherVersion1EventsAreReadAsTheyWereWritten() throws IOException {
    return version1(further("v1-events.json"));
  }

  @TestFactory
  Stream<DynamicTest> furtherVersion2EventsAreJudgedAsTheirAuthorDoes() throws IOException {
    return version2(further("v2-events.json"));
  }

  private static String ours(String name) throws IOException {
    try (InputStream in = VectorTest.class.getResourceAsStream("/vectors/" + name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String further(String name) throws IOException {
    String folder = System.getProperty(FURTHER, "");
    return folder.isEmpty() ? "{\"vectors\": []}" : Files.readString(Path.of(folder, name));
  }

  private static Stream<JsonObject> vectors(String json) {
    return JsonParser.parseString(json)
        .getAsJsonObject()
        .getAsJsonArray("vectors")
        .asList()
        .stream()
        .map(JsonElement::getAsJsonObject);
  }

  private Stream<DynamicTest> version1(String json) {
    return vectors(json)
        .map(
            vector ->
                dynamicTest(
                    vector.has("why")
                        ? vector.get("why").getAsString()
                        : vector.get("id_input").getAsString(),
                    () -> checkVersion1(vector)));
  }

  private void checkVersion1(JsonObject vector) throws Exception {
    assertThat(originalAccepts(vector.getAsJsonObject("event")))
        .isEqualTo(vector.get("valid").getAsBoolean());
    if (!vector.get("valid").getAsBoolean()) {
      assertThat(isValid(vector.getAsJsonObject("event"))).isFalse();
      return;
    }
    SignedEvent event = EventCodec.read(vector.getAsJsonObject("event"));
    checkForms(vector, event);
    assertThat(event.idMatches()).isTrue();
    assertThat(findings(event)).containsOnly(Finding.FULL);

    byte[] frame = HexFormat.of().parseHex(vector.get("frame_hex").getAsString());
    Message message = FrameCodec.decode(Arrays.copyOfRange(frame, 4, frame.length)).message();
    assertThat(message)
        .isInstanceOfSatisfying(
            Message.Event.class,
            framed -> assertThat(framed.event().canonical()).isEqualTo(event.canonical()));
  }

  /** What a plain link's deliverer is judged by. */
  private static boolean originalAccepts(JsonObject event) throws Exception {
    OriginalVerifier original = new OriginalVerifier(new OriginalKeys());
    byte[] frame =
        ("{\"type\": \"event\", \"payload\": " + event + "}").getBytes(StandardCharsets.UTF_8);
    return switch (PlainCodec.decode(frame)) {
      case Message.Event read -> original.accepts(OriginalEvent.of(read.event()));
      case Message.UnusualEvent read -> original.accepts(read.event());
      case Message.MalformedEvent _ -> false;
      case Message other -> throw new AssertionError(other);
    };
  }

  private boolean isValid(JsonObject json) {
    try {
      return !findings(EventCodec.read(json)).equals(wrongSignatures());
    } catch (MalformedEventException e) {
      return false;
    }
  }

  private List<Finding> wrongSignatures() {
    return providers.stream().map(_ -> Finding.WRONG_SIGNATURE).toList();
  }

  private List<Finding> findings(SignedEvent event) {
    return providers.stream().map(rsa -> new EventVerifier(rsa).check(event)).toList();
  }

  private Stream<DynamicTest> version2(String json) {
    return vectors(json)
        .map(vector -> dynamicTest(vector.get("name").getAsString(), () -> checkVersion2(vector)));
  }

  private void checkVersion2(JsonObject vector) throws Exception {
    JsonObject json =
        vector.has("event_text")
            ? StrictJson.object(vector.get("event_text").getAsString())
            : vector.getAsJsonObject("event");
    String verdict = vector.get("verdict").getAsString();
    SignedEvent event;
    try {
      event = EventCodec.read(json);
    } catch (MalformedEventException e) {
      assertThat(verdict).as(e.getMessage()).isEqualTo("reject");
      assertThat(why(vector, "form")).isEqualTo("form");
      return;
    }
    for (Pipeline pipeline : pipelines) {
      switch (pipeline.examine(event, DELIVERER)) {
        case Pipeline.Examination.Valid valid -> {
          assertThat(verdict).isEqualTo(valid.bare() ? "bare" : "accept");
          checkForms(vector, event);
          if (vector.has("stored_under")) {
            assertThat(event.key(valid.bare()).hex())
                .isEqualTo(vector.get("stored_under").getAsString());
          }
          assertThat(EventCodec.read(StrictJson.object(event.canonical())).canonical())
              .isEqualTo(event.canonical());
        }
        case Pipeline.Examination.Settled(Verdict.Ignored ignored) ->
            assertThat(verdict).as(ignored.reason()).isEqualTo("ignore");
        case Pipeline.Examination.Settled(Verdict.Rejected rejected) -> {
          assertThat(verdict).as(rejected.reason()).isEqualTo("reject");
          assertThat(why(vector, "truth")).isEqualTo("truth");
        }
        case Pipeline.Examination.Settled settled ->
            assertThat(settled.verdict()).as("a verdict on a new event").isNull();
      }
    }
  }

  private static String why(JsonObject vector, String otherwise) {
    return vector.has("why") ? vector.get("why").getAsString() : otherwise;
  }

  private static void checkForms(JsonObject vector, SignedEvent event) {
    if (vector.has("id_input")) {
      assertThat(event.idInput()).isEqualTo(vector.get("id_input").getAsString());
    }
    assertThat(event.signedPayload()).isEqualTo(vector.get("signed_payload").getAsString());
    assertThat(event.claimedId().hex())
        .isEqualTo(vector.getAsJsonObject("event").get("id").getAsString());
  }
}
