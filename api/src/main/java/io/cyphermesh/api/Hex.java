package io.cyphermesh.api;

/** The one check that ids share. */
final class Hex {
  private Hex() {}

  static void require64(String hex, String what) {
    boolean good = hex.length() == 64;
    for (int i = 0; good && i < 64; i++) {
      char c = hex.charAt(i);
      good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!good) {
      throw new IllegalArgumentException(
          what + " is 64 lower-case hexadecimal digits, not '" + hex + "'");
    }
  }
}
