package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ParsedDetailsTest {
  private static final String RED = "{\"port\": 22, \"tlp\": \"red\"}";

  @Test
  void whatWasParsedIsFoundInTheText() throws Exception {
    SignedEvent.Details parsed = EventCodec.details(JsonParser.parseString(RED));
    assertThat(parsed.tlpTerm()).contains("red");
    assertThat(EventCodec.isParsedFrom(parsed)).isTrue();
  }

  @Test
  void anotherMarkingOrRetractionIsNoticed() {
    String text = RED;
    assertThat(EventCodec.isParsedFrom(new SignedEvent.Details(text, Optional.of("green"), false)))
        .isFalse();
    assertThat(EventCodec.isParsedFrom(new SignedEvent.Details(text, Optional.empty(), false)))
        .isFalse();
    assertThat(EventCodec.isParsedFrom(new SignedEvent.Details(text, Optional.of("red"), true)))
        .isFalse();
  }

  @Test
  void aTextThatIsNoDetailsIsNoticed() {
    assertThat(
            EventCodec.isParsedFrom(new SignedEvent.Details("{\"tlp\"", Optional.empty(), false)))
        .isFalse();
  }
}
