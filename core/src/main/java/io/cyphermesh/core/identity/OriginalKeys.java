package io.cyphermesh.core.identity;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMParser;

/**
 * Keys as original nodes take them: whatever PEM their library reads, RSA of any size and with any
 * exponent, 1 included. Only to find out whether one of them would refuse an event; nothing of ours
 * is verified by these.
 *
 * <p>An honest relay is not to be framed by an event that its library takes and ours does not. So
 * whatever cannot be checked here counts as taken.
 */
public final class OriginalKeys {
  private static final String PEM_HEAD = "-----BEGIN ";

  /** The JDK's provider does not take smaller ones. */
  private static final int MIN_BITS = 512;

  /** Larger ones cost more to check than blame is worth. */
  private static final int MAX_BITS = 4096;

  private static final int MAX_EXPONENT_BITS = 32;

  /**
   * RFC 8017 9.1.1: SHA-256 and two bytes leave the rest to the salt, which original nodes fill.
   */
  private static final int HASH_AND_FRAME_BYTES = 32 + 2;

  /**
   * Whether an original node takes {@code signature} for the key's over {@code payload}. False only
   * where it is certain not to.
   */
  public boolean verifies(String pem, byte[] payload, byte[] signature) {
    int head = pem.indexOf(PEM_HEAD);
    if (head < 0) {
      return false;
    }
    if (pem.indexOf(PEM_HEAD, head + 1) >= 0) {
      // Which of several keys counts differs between their library's versions.
      return true;
    }
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      // Some versions take keys of RSASSA-PSS, too, or heads that do not begin a line.
      return !(parser.readObject() instanceof SubjectPublicKeyInfo info)
          || !info.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)
          || verifies(RSAPublicKey.getInstance(info.parsePublicKey()), payload, signature);
    } catch (IOException | RuntimeException e) {
      // The parser meets what strangers wrote, and says so in many ways.
      return true;
    }
  }

  private static boolean verifies(RSAPublicKey key, byte[] payload, byte[] signature) {
    BigInteger modulus = key.getModulus();
    BigInteger exponent = key.getPublicExponent();
    int bits = modulus.bitLength();
    if (bits < MIN_BITS || bits > MAX_BITS || exponent.bitLength() > MAX_EXPONENT_BITS) {
      return true;
    }
    int salt = (bits - 1 + 7) / 8 - HASH_AND_FRAME_BYTES;
    try {
      Signature verifier = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
      verifier.setParameter(
          new PSSParameterSpec(
              "SHA-256",
              "MGF1",
              MGF1ParameterSpec.SHA256,
              salt,
              PSSParameterSpec.TRAILER_FIELD_BC));
      verifier.initVerify(
          KeyFactory.getInstance("RSA", "SunRsaSign")
              .generatePublic(new RSAPublicKeySpec(modulus, exponent)));
      verifier.update(payload);
      return verifier.verify(withLeadingZeros(signature, (bits + 7) / 8));
    } catch (InvalidKeySpecException | InvalidKeyException e) {
      return true;
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has RSASSA-PSS", e);
    }
  }

  /** OpenSSL takes a signature for a number, and so one whose leading zeros were left out. */
  private static byte[] withLeadingZeros(byte[] signature, int length) {
    if (signature.length >= length) {
      return signature;
    }
    byte[] whole = new byte[length];
    System.arraycopy(signature, 0, whole, length - signature.length, signature.length);
    return whole;
  }
}
