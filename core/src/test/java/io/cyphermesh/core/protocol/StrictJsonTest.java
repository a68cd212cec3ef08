package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

  @Test
  void allKindsOfValuesAreRead() throws ProtocolException {
    String spaced =
        String.join(
            "\n",
            " {\"a\" : [1, -2.5e+3, true, false,\t null,",
            "\"\\u0041\\/\\ud83d\\ude00\"], \"\": {}}",
            "");
    assertThat(StrictJson.object(spaced))
        .hasToString("{\"a\":[1,-2.5e+3,true,false,null,\"A/😀\"],\"\":{}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{",
        "{}}",
        "{} {}",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{\"a\"=1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":'b'}",
        "{\"a\":b}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":TRUE}",
        "{\"a\":True}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":01}",
        "{\"a\":-01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":5.}",
        "{\"a\":1e}",
        "{\"a\":-}",
        "{\"a\":0x10}",
        "{\"a\":1}//",
        "{\"a\":1}/**/",
        "#\n{}",
        "{/**/\"a\":1}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\'\"}",
        "{\"a\":\"\\\n\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u+123\"}",
        "{\"a\":\"b}",
        "\ufeff{}",
        ")]}'\n{}",
        "\f{}",
        "\u00a0{}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\ud800\\ud800\\udc00\"}",
        "{\"\\ud800\":1}"
      })
  void allThatIsNotStrictlyJsonIsRefused(String text) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> StrictJson.object(text))
        .withMessageMatching("[ -~]+");
  }

  /**
   * An overlong slash, an encoded surrogate, half a character, beyond U+10FFFF, Latin-1, UTF-16.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "7b2261223a22c0af227d",
        "7b2261223a22eda080227d",
        "7b2261223a22e282227d",
        "7b2261223a22f4908080227d",
        "7b2261223a22e9227d",
        "feff007b007d",
        "efbbbf7b7d"
      })
  void badUtf8IsRefused(String hex) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> StrictJson.object(HexFormat.of().parseHex(hex)));
  }

  @Test
  void twentyFourLevelsAreReadAndOneMoreIsNot() throws ProtocolException {
    StrictJson.object("{\"a\":" + "[".repeat(23) + "]".repeat(23) + "}");
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> StrictJson.object("{\"a\":" + "[".repeat(24) + "]".repeat(24) + "}"));
  }

  @Test
  void nestingWithoutEndIsRefusedAtOnce() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(
            () ->
                StrictJson.object(
                    ("{\"a\":" + "[".repeat(1_000_000)).getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void twentyThousandValuesAreReadAndOneMoreIsNot() throws ProtocolException {
    // The object and the array are values too.
    StrictJson.object("{\"a\":[" + "0,".repeat(19_997) + "0]}");
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> StrictJson.object("{\"a\":[" + "0,".repeat(19_998) + "0]}"))
        .withMessageContaining("20000");
  }

  @Test
  void aHugeNumberCostsNothing() {
    // Its value is never computed; what is longer than any number of use is no JSON here.
    assertThat(read("{\"a\":1e999999999}")).isEqualTo("{\"a\":1e999999999}");
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> StrictJson.object("{\"a\":" + "9".repeat(100_000) + "}"));
  }

  private static String read(String text) {
    try {
      return StrictJson.object(text).toString();
    } catch (ProtocolException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
