package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.Canonical;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedEventTest {
  private static final List<String> TEXTS =
      List.of("", "192.0.2.1", "\"\\\b\f\n\r\t", "/é\u0000\u007f~ \ud83d\ude00", "a\"b\\");

  @TempDir private Path folder;

  @Test
  void theLengthIsThatOfTheCanonicalForm() throws Exception {
    NodeIdentity reporter = NodeIdentity.open(folder, Optional.empty(), Rsa.fastest());
    for (String text : TEXTS) {
      StringBuilder written = new StringBuilder();
      Canonical.string(written, text);
      assertThat(Canonical.length(text)).isEqualTo(written.length());
      for (Optional<SignedEvent.Details> details :
          List.of(
              Optional.<SignedEvent.Details>empty(),
              Optional.of(new SignedEvent.Details("{\"count\": 1}", Optional.empty(), false)))) {
        SignedEvent event =
            new SignedEvent(
                new EventId("0".repeat(64)),
                text,
                text,
                "high" + text,
                text,
                reporter.key(),
                new byte[SignedEvent.SIGNATURE_BYTES],
                details);
        assertThat(event.canonicalLength()).isEqualTo(event.canonical().length());
      }
    }
  }

  @Test
  void theKeyAsJsonIsItsPemEscaped() throws Exception {
    NodeIdentity reporter = NodeIdentity.open(folder, Optional.empty(), Rsa.fastest());
    StringBuilder written = new StringBuilder();
    Canonical.string(written, reporter.key().pem());
    assertThat(reporter.key().pemJson()).isEqualTo(written.toString());
  }
}
