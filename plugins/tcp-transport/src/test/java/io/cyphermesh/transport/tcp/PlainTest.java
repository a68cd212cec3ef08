package io.cyphermesh.transport.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.TransportLimits;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links of version 1 nodes, which know no TLS. */
@Timeout(60)
class PlainTest {
  private static final TestNode NEAR = new TestNode();
  private static final TestNode FAR = new TestNode();
  private static final int SKIP = 100_000;
  private static final byte[] HEARTBEAT = "{\"type\": \"HELLO\"}".getBytes(US_ASCII);

  private static Endpoint endpoint(TestNode node) throws IOException {
    return new Endpoint(
        node, limits(Duration.ofMillis(300), Duration.ofMillis(500), Duration.ofSeconds(10)), true);
  }

  private static TransportLimits limits(Duration firstByte, Duration answer, Duration frame) {
    return new TransportLimits(
        firstByte, answer, Duration.ofSeconds(5), Duration.ofSeconds(3), frame, SKIP, 64, 100);
  }

  /** Answers each caller as its script says, one after the other. */
  private static final class Scripted implements AutoCloseable {
    final ServerSocket server = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    final BlockingQueue<Socket> callers = new LinkedBlockingQueue<>();

    interface Script {
      void serve(Socket caller) throws IOException;
    }

    Scripted(Script... scripts) throws IOException {
      Thread.ofVirtual()
          .name("scripted")
          .start(
              () -> {
                try {
                  for (Script script : scripts) {
                    Socket caller = server.accept();
                    callers.add(caller);
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              try {
                                script.serve(caller);
                              } catch (IOException e) {
                                // The test sees what came of it.
                              }
                            });
                  }
                } catch (IOException e) {
                  // Closed.
                }
              });
    }

    HostPort address() {
      return new HostPort("127.0.0.1", server.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket caller : callers) {
        caller.close();
      }
    }
  }

  private static void say(Socket socket, byte[] content) throws IOException {
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(content.length);
    out.write(content);
    out.flush();
  }

  private static byte[] hear(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] content = new byte[in.readInt()];
    in.readFully(content);
    return content;
  }

  @Test
  void aCallerWhoseFirstByteIsZeroGetsAPlainLink() throws Exception {
    try (Endpoint far = endpoint(FAR);
        Socket caller = far.connect()) {
      say(caller, HEARTBEAT);

      Link link = far.accepted();
      assertThat(link.peer()).isEmpty();
      assertThat(link.peerKey()).isEmpty();
      assertThat(link.dialled()).isFalse();
      assertThat(link.receive(100)).hasValue(HEARTBEAT);
      link.send(List.of(HEARTBEAT));
      assertThat(hear(caller)).isEqualTo(HEARTBEAT);
    }
  }

  @Test
  void aCallerWhoSaysNothingGetsAPlainLinkAndMaySpeakLater() throws Exception {
    try (Endpoint far = endpoint(FAR);
        Socket caller = far.connect()) {
      Link link = far.accepted();

      say(caller, HEARTBEAT);
      assertThat(link.receive(100)).hasValue(HEARTBEAT);
    }
  }

  @Test
  void aPlainLinkNoLongerCountsAsPending() throws Exception {
    try (Endpoint far = endpoint(FAR);
        Socket caller = far.connect()) {
      say(caller, HEARTBEAT);
      far.accepted();
      assertThat(far.listener.pending()).isZero();
    }
  }

  @Test
  void tlsIsSpokenOnTheSamePort() throws Exception {
    // A busy machine may need its time for the first handshake of all.
    TransportLimits patient =
        limits(Duration.ofMillis(300), Duration.ofSeconds(10), Duration.ofSeconds(10));
    try (Endpoint near = new Endpoint(NEAR, patient, true);
        Endpoint far = endpoint(FAR);
        Link link = near.transport.dial(far.address(), new DialPolicy.AnyNodeElsePlain())) {
      assertThat(link.peer()).hasValue(FAR.self());
    }
  }

  @Test
  void aFrameTooLongToReceiveIsLeftOutAndTheNextOneComes() throws Exception {
    try (Endpoint far = endpoint(FAR);
        Socket caller = far.connect()) {
      say(caller, new byte[SKIP]);
      say(caller, HEARTBEAT);
      assertThat(far.accepted().receive(1_000)).hasValue(HEARTBEAT);
    }
  }

  @Test
  void aFrameTooLongToSkipEndsTheLink() throws Exception {
    try (Endpoint far = endpoint(FAR);
        Socket caller = far.connect()) {
      DataOutputStream out = new DataOutputStream(caller.getOutputStream());
      out.writeInt(SKIP + 1);
      Link link = far.accepted();
      assertThatThrownBy(() -> link.receive(1_000))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("a frame of " + (SKIP + 1) + " bytes");
    }
  }

  @Test
  void aLateClientHelloIsNoFrame() throws Exception {
    try (Endpoint far = endpoint(FAR);
        Socket caller = far.connect()) {
      Link link = far.accepted();
      caller.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
      assertThatThrownBy(() -> link.receive(1_000)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whoStopsInTheMidstOfAFrameThatIsSkippedLosesTheLink() throws Exception {
    TransportLimits hasty =
        limits(Duration.ofMillis(300), Duration.ofSeconds(1), Duration.ofMillis(300));
    try (Endpoint far = new Endpoint(FAR, hasty, true);
        Socket caller = far.connect()) {
      DataOutputStream out = new DataOutputStream(caller.getOutputStream());
      out.writeInt(SKIP);
      out.write(new byte[50_000]);
      Link link = far.accepted();
      assertThatThrownBy(() -> link.receive(1_000))
          .hasMessageContaining("half a frame, and no more of it");
    }
  }

  @Test
  void aTlsLinkSkipsNothing() throws Exception {
    try (Endpoint near = endpoint(NEAR);
        Endpoint far = endpoint(FAR);
        Link dialled = near.dial(far)) {
      dialled.send(List.of(new byte[2_000]));
      Link accepted = far.accepted();
      assertThatThrownBy(() -> accepted.receive(1_000)).hasMessageContaining("2000 bytes");
    }
  }

  @Test
  void whoIsSilentForAClientHelloIsDialledPlain() throws Exception {
    try (Endpoint near = endpoint(NEAR);
        Scripted original = new Scripted(_ -> {}, caller -> say(caller, hear(caller)));
        Link link = near.transport.dial(original.address(), new DialPolicy.AnyNodeElsePlain())) {
      assertThat(link.peer()).isEmpty();
      assertThat(link.dialled()).isTrue();
      link.send(List.of(HEARTBEAT));
      assertThat(link.receive(100)).hasValue(HEARTBEAT);
    }
  }

  @Test
  void whoAnswersAClientHelloWithAHeartbeatIsDialledPlain() throws Exception {
    TransportLimits patient =
        limits(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(10));
    try (Endpoint near = new Endpoint(NEAR, patient, true);
        Scripted original =
            new Scripted(caller -> say(caller, HEARTBEAT), caller -> say(caller, HEARTBEAT));
        Link link = near.transport.dial(original.address(), new DialPolicy.AnyNodeElsePlain())) {
      assertThat(link.receive(100)).hasValue(HEARTBEAT);
    }
  }

  @Test
  void whereTlsIsAskedForNothingElseWillDo() throws Exception {
    try (Endpoint near = endpoint(NEAR);
        Scripted original = new Scripted(_ -> {}, _ -> {})) {
      assertThatThrownBy(() -> near.transport.dial(original.address(), new DialPolicy.AnyNode()))
          .hasMessageContaining("no TLS answer");
      assertThat(original.callers).hasSize(1);
    }
  }

  @Test
  void whoHangsUpOnAClientHelloIsNotDialledPlain() throws Exception {
    try (Endpoint near = endpoint(NEAR);
        Scripted busy = new Scripted(Socket::close, _ -> {})) {
      assertThatThrownBy(
              () -> near.transport.dial(busy.address(), new DialPolicy.AnyNodeElsePlain()))
          .hasMessageContaining("hung up");
      assertThat(busy.callers).hasSize(1);
    }
  }

  @Test
  void whoAnswersWithAnotherProtocolIsNotDialledPlain() throws Exception {
    try (Endpoint near = endpoint(NEAR);
        Scripted web =
            new Scripted(
                caller -> caller.getOutputStream().write("HTTP/1.1 400\r\n\r\n".getBytes(US_ASCII)),
                _ -> {})) {
      assertThatThrownBy(
              () -> near.transport.dial(web.address(), new DialPolicy.AnyNodeElsePlain()))
          .isInstanceOf(IOException.class);
      assertThat(web.callers).hasSize(1);
    }
  }

  @Test
  void whereVersionOneIsNotServedASilentCallerIsDropped() throws Exception {
    TransportLimits limits =
        limits(Duration.ofMillis(300), Duration.ofSeconds(1), Duration.ofSeconds(10));
    try (Endpoint far = new Endpoint(FAR, limits, false);
        Socket caller = far.connect()) {
      assertThatThrownBy(() -> hear(caller)).isInstanceOf(IOException.class);
      assertThat(far.acceptedNothing()).isTrue();
    }
  }
}
