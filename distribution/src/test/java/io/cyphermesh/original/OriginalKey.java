package io.cyphermesh.original;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** A reporter's key, of any size, and how an original node signs with it. */
final class OriginalKey {
  private final KeyPair pair;
  private final String pem;

  private OriginalKey(KeyPair pair, String lineEnd) {
    this.pair = pair;
    this.pem =
        "-----BEGIN PUBLIC KEY-----"
            + lineEnd
            + Base64.getMimeEncoder(64, lineEnd.getBytes(US_ASCII))
                .encodeToString(pair.getPublic().getEncoded())
            + lineEnd
            + "-----END PUBLIC KEY-----"
            + lineEnd;
  }

  static OriginalKey of(int bits) {
    return of(bits, RSAKeyGenParameterSpec.F4, "\n");
  }

  static OriginalKey of(int bits, BigInteger exponent, String lineEnd) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(new RSAKeyGenParameterSpec(bits, exponent));
      return new OriginalKey(generator.generateKeyPair(), lineEnd);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its PSS with the longest salt there is room for. */
  private static Signature pss(int bits) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
    signature.setParameter(
        new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, (bits + 6) / 8 - 34, 1));
    return signature;
  }

  /** An event of this key under the id that it should have. */
  Map<String, String> event(String sourceIp, String timestamp) {
    return event(sourceIp, "high", timestamp, "");
  }

  /** An event of this key; an empty {@code id} is the one that it should have. */
  Map<String, String> event(String sourceIp, String severity, String timestamp, String id) {
    Map<String, String> event = new TreeMap<>();
    event.put("source_ip", sourceIp);
    event.put("threat_type", "ssh-bruteforce");
    event.put("severity", severity);
    event.put("timestamp", timestamp);
    event.put("reporter_pubkey", pem);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(Python.dumps(event).getBytes(US_ASCII));
      event.put("id", id.isEmpty() ? HexFormat.of().formatHex(hash) : id);
      Signature signature = pss(((RSAPublicKey) pair.getPublic()).getModulus().bitLength());
      signature.initSign(pair.getPrivate());
      signature.update(Python.dumps(event).getBytes(US_ASCII));
      event.put("signature", Base64.getEncoder().encodeToString(signature.sign()));
      return event;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
