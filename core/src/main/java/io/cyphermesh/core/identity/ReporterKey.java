package io.cyphermesh.core.identity;

import io.cyphermesh.api.NodeId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An RSA-2048 public key with exponent 65537, in exactly the encoding that the wire allows.
 *
 * <p>Such a key's DER SubjectPublicKeyInfo is always 294 bytes, of which only the modulus varies,
 * so its shape is checked without parsing.
 */
public final class ReporterKey {
  /** Length of the DER SubjectPublicKeyInfo, in bytes. */
  public static final int DER_BYTES = 294;

  /** Length of the PEM text, in characters. */
  public static final int PEM_CHARS = 451;

  private static final byte[] HEAD =
      HexFormat.of().parseHex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100");
  private static final byte[] TAIL = HexFormat.of().parseHex("0203010001");
  private static final String PEM_HEAD = "-----BEGIN PUBLIC KEY-----\n";
  private static final String PEM_TAIL = "\n-----END PUBLIC KEY-----\n";
  private static final int LINE_CHARS = 64;
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(LINE_CHARS, "\n".getBytes(StandardCharsets.US_ASCII));

  /** 294 bytes are a whole number of groups of three, so that there is no padding. */
  private static final int BASE64_CHARS = DER_BYTES / 3 * 4;

  private final byte[] der;
  private final NodeId nodeId;
  private final String pem;
  private final String pemJson;

  private ReporterKey(byte[] der, String pem) {
    this.der = der;
    this.pem = pem;
    // Nothing in it is escaped but the ends of lines.
    this.pemJson = '"' + pem.replace("\n", "\\n") + '"';
    this.nodeId = new NodeId(HexFormat.of().formatHex(Canonical.sha256(der)));
  }

  /** The key whose SubjectPublicKeyInfo is {@code der}; empty for any other kind of key. */
  public static Optional<ReporterKey> ofDer(byte[] der) {
    return shaped(der)
        ? Optional.of(new ReporterKey(der.clone(), PEM_HEAD + LINES.encodeToString(der) + PEM_TAIL))
        : Optional.empty();
  }

  /**
   * The key whose PEM is exactly {@code pem}; empty for any other text, also for the same key
   * written otherwise.
   */
  public static Optional<ReporterKey> ofPem(String pem) {
    if (pem.length() != PEM_CHARS || !pem.startsWith(PEM_HEAD) || !pem.endsWith(PEM_TAIL)) {
      return Optional.empty();
    }
    byte[] base64 = new byte[BASE64_CHARS];
    int filled = 0;
    for (int i = PEM_HEAD.length(); i < PEM_CHARS - PEM_TAIL.length(); i++) {
      char c = pem.charAt(i);
      if ((i - PEM_HEAD.length()) % (LINE_CHARS + 1) == LINE_CHARS) {
        if (c != '\n') {
          return Optional.empty();
        }
      } else if (c > 0x7e) {
        return Optional.empty();
      } else {
        base64[filled++] = (byte) c;
      }
    }
    byte[] der;
    try {
      der = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    // As many bytes as 392 characters can hold: none was padding, so no other text gives them.
    if (!shaped(der)) {
      return Optional.empty();
    }
    return Optional.of(new ReporterKey(der, pem));
  }

  /**
   * The top bit makes the modulus 2048 bits long, the lowest makes it odd, as a product of two
   * primes is.
   */
  private static boolean shaped(byte[] der) {
    return der.length == DER_BYTES
        && Arrays.equals(der, 0, HEAD.length, HEAD, 0, HEAD.length)
        && Arrays.equals(der, DER_BYTES - TAIL.length, DER_BYTES, TAIL, 0, TAIL.length)
        && der[HEAD.length] < 0
        && (der[DER_BYTES - TAIL.length - 1] & 1) == 1;
  }

  /** The node id: SHA-256 of {@link #der}. */
  public NodeId nodeId() {
    return nodeId;
  }

  /** The PEM text, with LF. */
  public String pem() {
    return pem;
  }

  /** The PEM text as a JSON string in canonical form, quotes included. */
  public String pemJson() {
    return pemJson;
  }

  /** A copy of the DER SubjectPublicKeyInfo. */
  public byte[] der() {
    return der.clone();
  }

  /** The key for use with {@code factory}'s provider. */
  PublicKey publicKey(KeyFactory factory) throws GeneralSecurityException {
    return factory.generatePublic(new X509EncodedKeySpec(der));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReporterKey key && key.nodeId.equals(nodeId);
  }

  @Override
  public int hashCode() {
    return nodeId.hashCode();
  }

  @Override
  public String toString() {
    return nodeId.hex();
  }
}
