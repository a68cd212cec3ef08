package io.cyphermesh.transport.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.TransportLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeTest {
  private static final TestNode NEAR = new TestNode();
  private static final TestNode FAR = new TestNode();
  private static final TransportLimits IMPATIENT =
      new TransportLimits(
          Duration.ofSeconds(5),
          Duration.ofMillis(1_100),
          Duration.ofMillis(2_500),
          Duration.ofSeconds(3),
          Duration.ofSeconds(10),
          4 << 20,
          64,
          100);

  private Endpoint near;
  private Endpoint far;
  private Endpoint impatient;

  @BeforeEach
  void listen() throws IOException {
    near = new Endpoint(NEAR);
    far = new Endpoint(FAR);
    impatient = new Endpoint(NEAR, IMPATIENT);
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
    impatient.close();
  }

  @Test
  void bothEndsKnowWhoIsThere() throws Exception {
    try (Link dialled = near.dial(far);
        Link accepted = far.accepted()) {
      assertThat(dialled.peer()).hasValue(FAR.self());
      assertThat(accepted.peer()).hasValue(NEAR.self());
      assertThat(dialled.peerKey()).hasValue(FAR.key().getEncoded());
      assertThat(accepted.peerKey()).hasValue(NEAR.key().getEncoded());
      assertThat(dialled.dialled()).isTrue();
      assertThat(accepted.dialled()).isFalse();
      assertThat(dialled.remoteAddress()).isEqualTo(accepted.localAddress());
      assertThat(dialled.localAddress()).isEqualTo(accepted.remoteAddress());
      assertThat(dialled.remoteAddress().getPort()).isEqualTo(far.address().port());
    }
  }

  @Test
  void whoDialsTheUnknownLearnsWhoIsThere() throws Exception {
    try (Link dialled = near.transport.dial(far.address(), new DialPolicy.AnyNode())) {
      assertThat(dialled.peer()).hasValue(FAR.self());
    }
  }

  @Test
  void aNameIsDialledAtItsAddresses() throws Exception {
    HostPort named = new HostPort("localhost", far.address().port());

    try (Link dialled = near.transport.dial(named, new DialPolicy.OnlyNode(FAR.self()))) {
      assertThat(dialled.peer()).hasValue(FAR.self());
    }
  }

  @Test
  void anotherNodeThanExpectedIsRefused() {
    assertThatThrownBy(
            () -> near.transport.dial(far.address(), new DialPolicy.OnlyNode(NEAR.self())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(far.address().toString())
        .hasMessageContaining("another node answered");
    assertThat(far.acceptedNothing()).isTrue();
  }

  @Test
  void aCallerWithoutACertificateIsRefused() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.contextWithoutCertificate())) {
      assertThatThrownBy(() -> untilTheEnd(caller)).isInstanceOf(IOException.class);
    }
    assertThat(far.acceptedNothing()).isTrue();
  }

  @Test
  void anOlderTlsIsRefused() throws Exception {
    try (SSLSocket caller = far.connectTls(NEAR.context())) {
      caller.setEnabledProtocols(new String[] {"TLSv1.2"});

      assertThatThrownBy(caller::startHandshake).isInstanceOf(IOException.class);
    }
    assertThat(far.acceptedNothing()).isTrue();
  }

  @Test
  void noSessionIsResumed() throws Exception {
    TestNode dialler = new TestNode();
    TestNode server = new TestNode();
    try (Endpoint from = new Endpoint(dialler);
        Endpoint to = new Endpoint(server)) {
      for (int i = 1; i <= 3; i++) {
        try (Link dialled = from.transport.dial(to.address(), new DialPolicy.AnyNode());
            Link accepted = to.accepted()) {
          assertThat(dialled.peer()).hasValue(server.self());
          assertThat(accepted.peer()).hasValue(dialler.self());
          assertThat(dialler.judged()).isEqualTo(i);
          assertThat(server.judged()).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void aCallerThatKeepsItsSessionsCannotResumeOne() throws Exception {
    int before = FAR.judged();
    for (int i = 0; i < 2; i++) {
      try (SSLSocket caller = far.connectTls(NEAR.context())) {
        SSLSession session = caller.getSession();
        assertThat(session.isValid()).isTrue();
        far.accepted().close();
        untilTheEnd(caller);
      }
    }
    assertThat(FAR.judged() - before).isEqualTo(2);
  }

  @Test
  void aHostThatDoesNotAnswerIsGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostPort address = new HostPort("127.0.0.1", silent.getLocalPort());

      assertThatThrownBy(() -> impatient.transport.dial(address, new DialPolicy.AnyNode()))
          .isInstanceOf(IOException.class)
          .hasMessage("no TLS answer from " + address + " within 1100 ms");
    }
  }

  @Test
  void aHostThatDripsItsAnswerIsGivenUpAtTheHandshakesDeadline() throws Exception {
    try (ServerSocket dripping = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostPort address = new HostPort("127.0.0.1", dripping.getLocalPort());
      CompletableFuture<Void> drips =
          Async.run(
              () -> {
                try (Socket caller = dripping.accept()) {
                  Dripping.into(caller.getOutputStream(), ClientHello.HEAD, 10_000);
                }
              });

      assertThatThrownBy(() -> impatient.transport.dial(address, new DialPolicy.AnyNode()))
          .isInstanceOf(IOException.class)
          .hasMessage("the handshake with " + address + " was not complete within 2500 ms");
      assertThat(drips).failsWithin(Duration.ofSeconds(5));
    }
  }

  @Test
  void aHostThatHangsUpIsNamed() throws Exception {
    try (ServerSocket curt = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostPort address = new HostPort("127.0.0.1", curt.getLocalPort());
      CompletableFuture<Void> hangUp = Async.run(() -> curt.accept().close());

      assertThatThrownBy(() -> near.transport.dial(address, new DialPolicy.AnyNode()))
          .isInstanceOf(IOException.class)
          .hasMessage(address + " hung up during the TLS handshake");
      assertThat(hangUp).succeedsWithin(Duration.ofSeconds(5));
    }
  }

  @Test
  void aHostThatSpeaksAnotherProtocolIsNamed() throws Exception {
    try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HostPort address = new HostPort("127.0.0.1", foreign.getLocalPort());
      CompletableFuture<Void> banner =
          Async.run(
              () -> {
                try (Socket caller = foreign.accept()) {
                  caller.getOutputStream().write("220 hello there\r\n".getBytes(US_ASCII));
                  caller.getInputStream().readAllBytes();
                }
              });

      assertThatThrownBy(() -> near.transport.dial(address, new DialPolicy.AnyNode()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("no TLS handshake with " + address + ": ");
      await().until(banner::isDone);
    }
  }

  @Test
  void aPortWhereNobodyListensIsNamed() throws Exception {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = gone.getLocalPort();
    }
    HostPort address = new HostPort("127.0.0.1", port);

    assertThatThrownBy(() -> near.transport.dial(address, new DialPolicy.AnyNode()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("nobody listens at " + address);
  }

  private static void untilTheEnd(SSLSocket socket) throws IOException {
    while (socket.getInputStream().read() >= 0) {
      // Only the end matters.
    }
  }
}
