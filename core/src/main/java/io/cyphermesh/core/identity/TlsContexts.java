package io.cyphermesh.core.identity;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TlsIdentity;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS with self-certifying identity: one self-signed certificate, of which only the key counts.
 * Whose key it is, the handshake proves; dates, names and extensions are ignored.
 */
public final class TlsContexts implements TlsIdentity {
  private final ReporterKey key;
  private final KeyManager keyManager;
  private final SSLContext any;

  TlsContexts(ReporterKey key, PrivateKey privateKey, X509Certificate certificate) {
    this.key = key;
    this.keyManager = new OneKey(privateKey, certificate);
    // JDK 25 resumes sessions by default, and a resumed one asks no trust manager.
    System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
    this.any = context(Optional.empty());
  }

  @Override
  public NodeId self() {
    return key.nodeId();
  }

  @Override
  public SSLContext context() {
    return any;
  }

  @Override
  public SSLContext contextFor(NodeId expected) {
    return context(Optional.of(expected));
  }

  @Override
  public NodeId peer(SSLSession session) throws SSLPeerUnverifiedException {
    Certificate[] chain = session.getPeerCertificates();
    return ReporterKey.ofDer(chain[0].getPublicKey().getEncoded())
        .orElseThrow(() -> new SSLPeerUnverifiedException("the peer's key is no RSA-2048 key"))
        .nodeId();
  }

  private SSLContext context(Optional<NodeId> expected) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(
          new KeyManager[] {keyManager}, new TrustManager[] {new RightKey(expected)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS 1.3", e);
    }
  }

  /** Offers the one key to everybody who asks for an RSA key. */
  private static final class OneKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "node";
    private final PrivateKey privateKey;
    private final X509Certificate certificate;

    OneKey(PrivateKey privateKey, X509Certificate certificate) {
      this.privateKey = privateKey;
      this.certificate = certificate;
    }

    private static @Nullable String alias(String... keyTypes) {
      for (String type : keyTypes) {
        if (type.startsWith("RSA")) {
          return ALIAS;
        }
      }
      return null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return alias(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return alias(keyTypes);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return alias(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return alias(keyType);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return privateKey;
    }
  }

  /**
   * Takes one certificate of a key of the right shape, and of the right node where one is expected.
   */
  private static final class RightKey extends X509ExtendedTrustManager {
    private final Optional<NodeId> expected;

    RightKey(Optional<NodeId> expected) {
      this.expected = expected;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      if (chain.length != 1) {
        throw new CertificateException("one certificate is asked for, not " + chain.length);
      }
      NodeId found =
          ReporterKey.ofDer(chain[0].getPublicKey().getEncoded())
              .orElseThrow(
                  () -> new CertificateException("the key is no RSA-2048 key with exponent 65537"))
              .nodeId();
      if (expected.isPresent() && !expected.get().equals(found)) {
        throw new CertificateException(
            "expected node " + expected.get().abbreviated() + ", found " + found.abbreviated());
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String authType, @Nullable Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String authType, @Nullable Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
