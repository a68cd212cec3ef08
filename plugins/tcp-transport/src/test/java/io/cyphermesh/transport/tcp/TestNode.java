package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TlsIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An identity as a node has one: an RSA-2048 key and a self-signed certificate of it. */
final class TestNode implements TlsIdentity {
  private final PublicKey key;
  private final KeyManager[] keyManagers;
  private final SSLContext context;
  private final AtomicInteger judged = new AtomicInteger();

  TestNode() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair pair = generator.generateKeyPair();
      key = pair.getPublic();
      X500Principal name = new X500Principal("CN=node");
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  new JcaX509v3CertificateBuilder(
                          name,
                          BigInteger.ONE,
                          Date.from(Instant.EPOCH),
                          Date.from(Instant.ofEpochSecond(4_000_000_000L)),
                          name,
                          key)
                      .build(
                          new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "node", pair.getPrivate(), new char[0], new X509Certificate[] {certificate});
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, new char[0]);
      keyManagers = factory.getKeyManagers();
      context = context(Optional.empty(), true);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public NodeId self() {
    return id(key);
  }

  @Override
  public SSLContext context() {
    return context;
  }

  @Override
  public SSLContext contextFor(NodeId expected) {
    return context(Optional.of(expected), true);
  }

  /** As one has it who is no node. */
  SSLContext contextWithoutCertificate() {
    return context(Optional.empty(), false);
  }

  @Override
  public NodeId peer(SSLSession session) throws SSLPeerUnverifiedException {
    return id(session.getPeerCertificates()[0].getPublicKey());
  }

  PublicKey key() {
    return key;
  }

  /** How many certificates the trust manager was asked about: none for a resumed session. */
  int judged() {
    return judged.get();
  }

  private SSLContext context(Optional<NodeId> expected, boolean certified) {
    try {
      SSLContext made = SSLContext.getInstance("TLS");
      made.init(
          certified ? keyManagers : new KeyManager[0],
          new TrustManager[] {new Judge(expected, judged)},
          null);
      return made;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static NodeId id(PublicKey key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return new NodeId(HexFormat.of().formatHex(hash));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Judge extends X509ExtendedTrustManager {
    private final Optional<NodeId> expected;
    private final AtomicInteger judged;

    Judge(Optional<NodeId> expected, AtomicInteger judged) {
      this.expected = expected;
      this.judged = judged;
    }

    private void judge(X509Certificate[] chain) throws CertificateException {
      judged.incrementAndGet();
      NodeId id = id(chain[0].getPublicKey());
      if (expected.isPresent() && !expected.get().equals(id)) {
        throw new CertificateException("another node answered: " + id.abbreviated());
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      judge(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      judge(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      judge(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      judge(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      judge(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      judge(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
