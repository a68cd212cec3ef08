package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.Link;
import io.cyphermesh.api.TransportLimits;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DiallerTest {
  private static final TestNode NEAR = new TestNode();
  private static final TestNode FAR = new TestNode();

  @Test
  void anAddressThatDoesNotAnswerLeavesTimeToTheOthersOfTheName() throws Exception {
    InetAddress dead = InetAddress.ofLiteral("127.0.0.2");
    InetAddress alive = InetAddress.ofLiteral("127.0.0.1");
    // An answer may take longer than the whole handshake: only the share ends the first attempt.
    TransportLimits limits =
        new TransportLimits(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(4),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            4 << 20,
            64,
            100);
    try (Endpoint near = new Endpoint(NEAR);
        Endpoint far = new Endpoint(FAR);
        ServerSocket silent = new ServerSocket(far.address().port(), 10, dead)) {
      Dialler dialler =
          new Dialler(
              limits,
              new Tls(NEAR),
              new Watchdog(),
              near.context.threads(),
              _ -> new InetAddress[] {dead, alive});

      try (Link link =
          dialler.dial(
              new HostPort("mesh.example.org", silent.getLocalPort()),
              new DialPolicy.OnlyNode(FAR.self()))) {
        assertThat(link.remoteAddress().getAddress()).isEqualTo(alive);
      }
    }
  }
}
