package io.cyphermesh.core.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CanonicalTest {

  /** What {@code json.dumps} of Python 3 writes for each text. */
  static Stream<Arguments> textsAndWhatPythonWrites() {
    return Stream.of(
        Arguments.of("", "\"\""),
        Arguments.of("plain text ~", "\"plain text ~\""),
        Arguments.of("\"\\/", "\"\\\"\\\\/\""),
        Arguments.of("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""),
        Arguments.of("\0\1\13\33\37", "\"\\u0000\\u0001\\u000b\\u001b\\u001f\""),
        Arguments.of("\177", "\"\\u007f\""),
        Arguments.of("\200\237\240\351\377", "\"\\u0080\\u009f\\u00a0\\u00e9\\u00ff\""),
        Arguments.of(Character.toString(0x2028) + (char) 0x2029, "\"\\u2028\\u2029\""),
        Arguments.of(Character.toString(0xfeff) + (char) 0xffff, "\"\\ufeff\\uffff\""),
        Arguments.of(Character.toString(0x1f525), "\"\\ud83d\\udd25\""),
        Arguments.of(Character.toString(0x10ffff), "\"\\udbff\\udfff\""),
        Arguments.of("<b>&'=</b>", "\"<b>&'=</b>\""));
  }

  @ParameterizedTest
  @MethodSource("textsAndWhatPythonWrites")
  void textsAreWrittenAsPythonWritesThem(String text, String expected) {
    StringBuilder out = new StringBuilder();
    Canonical.string(out, text);
    assertThat(out).hasToString(expected);
  }

  @Test
  void keysAreSortedAtEveryLevelAndListsKeepTheirOrder() {
    assertThat(
            Canonical.of(
                JsonParser.parseString(
                    "{\"b\":[3,1,{\"z\":null,\"a\":true}],\"a_\":{},\"a0\":[],\"a\":false}")))
        .isEqualTo(
            "{\"a\": false, \"a0\": [], \"a_\": {}, \"b\": [3, 1, {\"a\": true, \"z\": null}]}");
  }

  @Test
  void numbersKeepTheTextTheyWereWrittenIn() {
    assertThat(Canonical.of(JsonParser.parseString("[0,-7,9007199254740991]")))
        .isEqualTo("[0, -7, 9007199254740991]");
  }
}
