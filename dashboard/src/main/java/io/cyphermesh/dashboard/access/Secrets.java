package io.cyphermesh.dashboard.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Random secrets and their hashes.
 *
 * <p>A plain SHA-256 is enough to keep them by: of 256 random bits nobody finds the one that fits a
 * hash. Slow, salted hashes are for what people think up, and would let anybody keep the node busy
 * with wrong guesses.
 */
final class Secrets {
  private static final int BYTES = 32;

  private Secrets() {}

  /** 256 random bits as text that fits into a header, a cookie and an address. */
  static String next(RandomGenerator random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
