package io.cyphermesh.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example in the description of the protocol, byte for byte. */
class ProtocolExampleTest {
  private static final Path FILE = Generated.ROOT.resolve("docs/protocol.md");

  private Page page;

  @BeforeEach
  void read() throws IOException {
    page = Page.read(FILE);
  }

  private String example(String caption) {
    return page.blocks().stream()
        .filter(block -> block.caption().filter(caption::equals).isPresent())
        .findFirst()
        .orElseThrow()
        .text()
        .strip();
  }

  private static SignedEvent event(String json) throws Exception {
    return EventCodec.read(StrictJson.object(json));
  }

  private static boolean isSignedAs(SignedEvent event, String payload) {
    return Rsa.fastest()
        .verifies(event.reporter(), payload.getBytes(StandardCharsets.US_ASCII), event.signature());
  }

  @Test
  void theEventIsCanonicalAndItsIdIsTheHashOfTheContentShown() throws Exception {
    SignedEvent event = event(example("event"));

    assertThat(event.canonical()).isEqualTo(example("event"));
    assertThat(event.idInput()).isEqualTo(example("canonical content"));
    assertThat(event.claimedId().hex()).isEqualTo(example("id"));
    assertThat(event.idMatches()).isTrue();
    assertThat(event.reporter().nodeId().hex()).isEqualTo(example("node id"));
  }

  @Test
  void thePayloadsShownAreWhatWasSigned() throws Exception {
    SignedEvent clear = event(example("event"));
    assertThat(clear.signedPayload()).isEqualTo(example("signed payload"));
    assertThat(isSignedAs(clear, example("signed payload"))).isTrue();

    SignedEvent green = event(example("green event"));
    assertThat(green.canonical()).isEqualTo(example("green event"));
    assertThat(green.idMatches()).isTrue();
    assertThat(green.signedPayload()).isEqualTo(example("green payload"));
    assertThat(isSignedAs(green, example("green payload"))).isTrue();
  }

  @Test
  void theFrameIsAHelloOfTheLengthShown() throws Exception {
    byte[] content = example("HELLO").getBytes(StandardCharsets.US_ASCII);

    assertThat(Files.readString(FILE)).contains("the length `%08x`".formatted(content.length));
    assertThat(FrameCodec.decode(content).message())
        .isEqualTo(
            new Message.Hello(
                2,
                "cyphermesh",
                9001,
                "cyphermesh/0.1.0",
                Set.of("hyparview", "plumtree", "rbsr")));
  }
}
