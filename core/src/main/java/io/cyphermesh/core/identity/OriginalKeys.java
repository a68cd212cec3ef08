package io.cyphermesh.core.identity;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMParser;

/**
 * Keys as original nodes take them: whatever PEM their library reads, RSA of any size. Only to find
 * out whether one of them would refuse an event; nothing of ours is verified by these.
 */
public final class OriginalKeys {
  /** Larger ones cost more to check than blame is worth. */
  private static final int MAX_BITS = 4096;

  private static final int MAX_EXPONENT_BITS = 32;

  /**
   * RFC 8017 9.1.1: SHA-256 and two bytes leave the rest to the salt, which original nodes fill.
   */
  private static final int HASH_AND_FRAME_BYTES = 32 + 2;

  /**
   * Whether an original node takes {@code signature} for the key's over {@code payload}. True also
   * where finding out would cost too much.
   */
  public boolean verifies(String pem, byte[] payload, byte[] signature) {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (!(parser.readObject() instanceof SubjectPublicKeyInfo info)) {
        return false;
      }
      if (info.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_RSASSA_PSS)) {
        // Some versions of the library take such keys, others do not.
        return true;
      }
      if (!(KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(info.getEncoded()))
          instanceof RSAPublicKey key)) {
        return false;
      }
      return verifies(key, payload, signature);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // The parser meets what strangers wrote, and says so in many ways.
      return false;
    }
  }

  private static boolean verifies(RSAPublicKey key, byte[] payload, byte[] signature)
      throws GeneralSecurityException {
    BigInteger modulus = key.getModulus();
    if (modulus.bitLength() > MAX_BITS || key.getPublicExponent().bitLength() > MAX_EXPONENT_BITS) {
      return true;
    }
    int salt = (modulus.bitLength() - 1 + 7) / 8 - HASH_AND_FRAME_BYTES;
    if (salt < 0) {
      return false;
    }
    Signature verifier = Signature.getInstance("RSASSA-PSS", "SunRsaSign");
    verifier.setParameter(
        new PSSParameterSpec(
            "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, salt, PSSParameterSpec.TRAILER_FIELD_BC));
    verifier.initVerify(key);
    verifier.update(payload);
    return verifier.verify(signature);
  }
}
