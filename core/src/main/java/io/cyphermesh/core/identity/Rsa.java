package io.cyphermesh.core.identity;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import io.cyphermesh.api.NodeId;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

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

  /** Parsed keys that are kept, so that a reporter's next event finds his. */
  private static final int KEPT_KEYS = 1 << 12;

  /** As many as ever verify at once; one more is made and thrown away. */
  private static final int KEPT_SIGNATURES = 64;

  private final Optional<Provider> provider;

  /** Two reporters of one slot displace each other: nobody can make it grow. */
  private final AtomicReferenceArray<ParsedKey> keys = new AtomicReferenceArray<>(KEPT_KEYS);

  /** Idle ones: to make one takes as long as a tenth of a verification. */
  private final Queue<Signature> idle = new ArrayBlockingQueue<>(KEPT_SIGNATURES);

  private Rsa(Optional<Provider> provider) {
    this.provider = provider;
  }

  private record ParsedKey(NodeId nodeId, PublicKey key) {}

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
      Signature known = idle.poll();
      Signature verifier = known == null ? signature() : known;
      verifier.initVerify(key);
      verifier.update(payload);
      boolean valid = verifier.verify(signature);
      // One that threw is not kept: who knows what state it is in.
      idle.offer(verifier);
      return valid;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Whether {@code signature} is the reporter's over {@code payload}. */
  public boolean verifies(ReporterKey key, byte[] payload, byte[] signature) {
    try {
      return verifies(parsed(key), payload, signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private PublicKey parsed(ReporterKey key) throws GeneralSecurityException {
    // A node id is a hash: its bits are as good as random.
    int slot = key.nodeId().hashCode();
    slot = (slot ^ (slot >>> 16)) & (KEPT_KEYS - 1);
    ParsedKey kept = keys.get(slot);
    if (kept != null && kept.nodeId().equals(key.nodeId())) {
      return kept.key();
    }
    PublicKey parsed =
        key.publicKey(
            provider.isPresent()
                ? KeyFactory.getInstance("RSA", provider.get())
                : KeyFactory.getInstance("RSA"));
    keys.set(slot, new ParsedKey(key.nodeId(), parsed));
    return parsed;
  }
}
