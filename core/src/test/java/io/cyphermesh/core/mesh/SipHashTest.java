package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SipHashTest {
  /** Key 00 to 0f, message 00, 01, 02 and so on, as its authors publish them. */
  @ParameterizedTest
  @CsvSource({
    "0, 310e0edd47db6f72",
    "8, 6224939a79f5f593",
    "16, db9bc2577fcc2a3f",
    "24, 94af49f6c650adb8",
    "32, ce7cf2722f512771",
    "40, d0a704536ba93e0e",
    "48, 51a9cb9ecba312e6",
    "56, bd838d3aafbf8db7"
  })
  void theReferenceVectorsHold(int length, String expected) {
    long[] words = new long[length / 8 + 1];
    for (int i = 0; i < length; i++) {
      words[1 + i / 8] |= (long) i << (56 - 8 * (i % 8));
    }

    long hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L).hash(words, 1, length / 8);

    assertThat("%016x".formatted(Long.reverseBytes(hash))).isEqualTo(expected);
  }
}
