package io.cyphermesh.core.identity;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Optional;

/**
 * RSA as the wire wants it: 2048 bits, exponent 65537, RSASSA-PSS with SHA-256, MGF1 with SHA-256
 * and a salt of 222 bytes, which is the longest possible and the only one that original nodes
 * verify.
 *
 * <p>Amazon Corretto Crypto Provider does it where its native library loads, the JDK elsewhere.
 */
public final class Rsa {
  private static final PSSParameterSpec PSS =
      new PSSParameterSpec(
          "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 222, PSSParameterSpec.TRAILER_FIELD_BC);

  private final Optional<Provider> provider;

  private Rsa(Optional<Provider> provider) {
    this.provider = provider;
  }

  /** With the fastest provider that works here. */
  public static Rsa fastest() {
    try {
      AmazonCorrettoCryptoProvider corretto = AmazonCorrettoCryptoProvider.INSTANCE;
      if (corretto.getLoadingError() == null) {
        Rsa rsa = new Rsa(Optional.of(corretto));
        rsa.signature();
        return rsa;
      }
    } catch (GeneralSecurityException | LinkageError e) {
      // No native library for this platform, or one that cannot do PSS: the JDK can.
    }
    return portable();
  }

  /** With the JDK's own provider. */
  public static Rsa portable() {
    return new Rsa(Optional.empty());
  }

  /** The provider's name. */
  public String providerName() {
    return provider.map(Provider::getName).orElse("SunRsaSign");
  }

  KeyPair generate() throws GeneralSecurityException {
    KeyPairGenerator generator =
        provider.isPresent()
            ? KeyPairGenerator.getInstance("RSA", provider.get())
            : KeyPairGenerator.getInstance("RSA");
    generator.initialize(new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4));
    return generator.generateKeyPair();
  }

  /** A fresh signature object with the wire's parameters. */
  Signature signature() throws GeneralSecurityException {
    Signature signature =
        provider.isPresent()
            ? Signature.getInstance("RSASSA-PSS", provider.get())
            : Signature.getInstance("RSASSA-PSS");
    signature.setParameter(PSS);
    return signature;
  }

  /** Whether {@code signature} is the key's over {@code payload}. */
  public boolean verifies(PublicKey key, byte[] payload, byte[] signature) {
    try {
      Signature verifier = signature();
      verifier.initVerify(key);
      verifier.update(payload);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Whether {@code signature} is the reporter's over {@code payload}. */
  public boolean verifies(ReporterKey key, byte[] payload, byte[] signature) {
    try {
      return verifies(key.publicKey(), payload, signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
