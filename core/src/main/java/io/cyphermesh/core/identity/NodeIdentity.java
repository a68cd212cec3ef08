package io.cyphermesh.core.identity;

import io.cyphermesh.api.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** A node's own key. The private key is used here and in {@link KeyFiles}, and nowhere else. */
public final class NodeIdentity {
  private final Rsa rsa;
  private final ReporterKey key;
  private final PrivateKey privateKey;
  private final X509Certificate certificate;

  NodeIdentity(Rsa rsa, ReporterKey key, PrivateKey privateKey, X509Certificate certificate) {
    this.rsa = rsa;
    this.key = key;
    this.privateKey = privateKey;
    this.certificate = certificate;
  }

  /**
   * Reads the key pair in {@code directory}, or makes one at the first start.
   *
   * @param passphrase encrypts the private key's file; a key that lies there in the clear is
   *     encrypted
   * @throws IOException if a file cannot be read, or is damaged, or needs another passphrase; the
   *     message says what to do
   */
  public static NodeIdentity open(Path directory, Optional<String> passphrase, Rsa rsa)
      throws IOException {
    return new KeyFiles(directory, passphrase, rsa).open();
  }

  public NodeId nodeId() {
    return key.nodeId();
  }

  public ReporterKey key() {
    return key;
  }

  /** RSASSA-PSS over {@code payload}, 256 bytes. */
  public byte[] sign(byte[] payload) {
    try {
      Signature signature = rsa.signature();
      signature.initSign(privateKey);
      signature.update(payload);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the node's own key does not sign", e);
    }
  }

  /** The node's identity on TLS links. */
  public TlsContexts tls() {
    return new TlsContexts(key, privateKey, certificate);
  }
}
