package io.cyphermesh.core.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LineTextTest {
  @Test
  void onlyTheAskedBytesAreRead() {
    byte[] bytes = bytes("before\nline\nafter");
    assertThat(LineText.of(bytes, 7, 11)).isEqualTo("line");
  }

  @Test
  void oneCarriageReturnAtTheEndIsDropped() {
    assertThat(text("dos\r")).isEqualTo("dos");
    assertThat(text("a\rb\r\r")).isEqualTo("a\rb\r");
    assertThat(text("\r")).isEmpty();
  }

  @Test
  void nulsAreDroppedWhereverTheyStand() {
    assertThat(text("\0\0n\0ul\0")).isEqualTo("nul");
    assertThat(text("\0")).isEmpty();
  }

  @Test
  void bytesThatAreNoUtf8AreReplaced() {
    assertThat(LineText.of(new byte[] {'a', (byte) 0xFF, 'b'}, 0, 3)).isEqualTo("a\uFFFDb");
    assertThat(text("grün")).isEqualTo("grün");
  }

  @Test
  void aTooLongLineIsCutBetweenTwoCharacters() {
    assertThat(text("a" + "ü".repeat(40_000))).isEqualTo("a" + "ü".repeat(32_767));
    assertThat(text("x".repeat(LineText.MAX_BYTES))).hasSize(LineText.MAX_BYTES);
  }

  @Test
  void aCutInGarbageStillLeavesNearlyAllOfIt() {
    byte[] garbage = new byte[100_000];
    Arrays.fill(garbage, (byte) 0x80);
    assertThat(LineText.of(garbage, 0, garbage.length)).hasSize(LineText.MAX_BYTES - 3);
  }

  @Test
  void aHoleBeforeALineDoesNotCountToItsLength() {
    String line = "\0".repeat(100_000) + "x".repeat(LineText.MAX_BYTES) + "\r";
    assertThat(text(line)).hasSize(LineText.MAX_BYTES);
    assertThat(isCut(line)).isFalse();
    assertThat(isCut("x".repeat(LineText.MAX_BYTES) + "\r")).isFalse();
    assertThat(isCut("x".repeat(LineText.MAX_BYTES) + "y")).isTrue();
  }

  private static String text(String line) {
    byte[] bytes = bytes(line);
    return LineText.of(bytes, 0, bytes.length);
  }

  private static boolean isCut(String line) {
    byte[] bytes = bytes(line);
    return LineText.isCut(bytes, 0, bytes.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
