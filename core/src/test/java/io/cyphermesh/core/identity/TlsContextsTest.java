package io.cyphermesh.core.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cyphermesh.api.NodeId;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsContextsTest {
  private static NodeIdentity ours;
  private static NodeIdentity theirs;

  @BeforeAll
  static void makeKeys(@TempDir Path directory) throws IOException {
    ours = NodeIdentity.open(directory.resolve("a"), Optional.empty(), Rsa.portable());
    theirs = NodeIdentity.open(directory.resolve("b"), Optional.empty(), Rsa.fastest());
  }

  /** A self-signed certificate of long ago, whose dates and names nobody asks. */
  private static TlsContexts nodeWith(String algorithm, AlgorithmParameterSpec parameters)
      throws GeneralSecurityException, OperatorCreationException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(parameters);
    KeyPair pair = generator.generateKeyPair();
    X500Name name = new X500Name("CN=somebody");
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.EPOCH),
                        Date.from(Instant.EPOCH.plusSeconds(1)),
                        name,
                        pair.getPublic())
                    .build(
                        new JcaContentSignerBuilder(
                                algorithm.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA")
                            .build(pair.getPrivate())));
    return new TlsContexts(ours.key(), pair.getPrivate(), certificate);
  }

  private record Met(NodeId byClient, NodeId byServer) {}

  /** Shakes hands over loopback; each end says whom it met. */
  private static Met handshake(
      TlsContexts client, SSLContext dialling, TlsContexts server, SSLContext listening)
      throws Exception {
    try (SSLServerSocket listener =
        (SSLServerSocket)
            listening
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listener.setNeedClientAuth(true);
      CompletableFuture<NodeId> accepted = new CompletableFuture<>();
      Thread.ofVirtual()
          .name("accept")
          .start(
              () -> {
                try (SSLSocket socket = (SSLSocket) listener.accept()) {
                  socket.setSoTimeout(10_000);
                  socket.startHandshake();
                  socket.getOutputStream().write(1);
                  accepted.complete(server.peer(socket.getSession()));
                } catch (IOException e) {
                  accepted.completeExceptionally(e);
                }
              });
      try (SSLSocket socket =
          (SSLSocket)
              dialling
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        NodeId met = client.peer(socket.getSession());
        // A refusal of the client's certificate arrives behind its handshake.
        if (socket.getInputStream().read() < 0) {
          throw new SSLException("closed");
        }
        return new Met(met, accepted.get(10, TimeUnit.SECONDS));
      }
    }
  }

  private static void refused(TlsContexts client, SSLContext dialling, TlsContexts server) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> handshake(client, dialling, server, server.context()));
  }

  @Test
  void eachEndKnowsWhoIsThere() throws Exception {
    Met met = handshake(ours.tls(), ours.tls().context(), theirs.tls(), theirs.tls().context());
    assertThat(met.byClient()).isEqualTo(theirs.nodeId());
    assertThat(met.byServer()).isEqualTo(ours.nodeId());
  }

  @Test
  void theExpectedNodeIsTaken() throws Exception {
    SSLContext dialling = ours.tls().contextFor(theirs.nodeId());
    assertThat(handshake(ours.tls(), dialling, theirs.tls(), theirs.tls().context()).byClient())
        .isEqualTo(theirs.nodeId());
  }

  @Test
  void anotherNodeThanTheExpectedOneIsRefused() {
    refused(ours.tls(), ours.tls().contextFor(new NodeId("0".repeat(64))), theirs.tls());
  }

  @Test
  void datesAndNamesOfACertificateAreNotAsked() throws Exception {
    TlsContexts old = nodeWith("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4));
    assertThat(handshake(ours.tls(), ours.tls().context(), old, old.context()).byServer())
        .isEqualTo(ours.nodeId());
  }

  @Test
  void serversWithKeysOfAnotherKindAreRefused() throws Exception {
    for (TlsContexts odd : oddOnes()) {
      refused(ours.tls(), ours.tls().context(), odd);
    }
  }

  @Test
  void clientsWithKeysOfAnotherKindAreRefused() throws Exception {
    for (TlsContexts odd : oddOnes()) {
      refused(odd, odd.context(), theirs.tls());
    }
  }

  private static TlsContexts[] oddOnes()
      throws GeneralSecurityException, OperatorCreationException {
    return new TlsContexts[] {
      nodeWith("RSA", new RSAKeyGenParameterSpec(1024, RSAKeyGenParameterSpec.F4)),
      nodeWith("RSA", new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4)),
      nodeWith("RSA", new RSAKeyGenParameterSpec(2048, BigInteger.valueOf(3))),
      nodeWith("EC", new ECGenParameterSpec("secp256r1"))
    };
  }
}
