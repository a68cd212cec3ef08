package io.cyphermesh.discovery.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets on the loopback network, whose broadcasts stay in this host. */
class LanDiscoveryTest {
  private final List<Running> running = new ArrayList<>();
  private String loopback = "";
  private int udpPort;

  @BeforeEach
  void findLoopback() throws SocketException {
    loopback =
        NetworkInterface.networkInterfaces()
            .filter(LanDiscoveryTest::isLoopback)
            .findFirst()
            .orElseThrow()
            .getName();
    try (DatagramSocket socket = new DatagramSocket()) {
      udpPort = socket.getLocalPort();
    }
  }

  @AfterEach
  void stopAll() {
    running.forEach(each -> each.thread().interrupt());
    await().until(() -> running.stream().allMatch(each -> each.end().isDone()));
  }

  @Test
  void twoNodesOfOneHostFindEachOther() {
    FakeNode a = node("a", 9001);
    FakeNode b = node("b", 9002);
    start(a);
    start(b);
    await().until(() -> a.found.equals(List.of("127.0.0.1:9002 b")));
    await().until(() -> b.found.equals(List.of("127.0.0.1:9001 a")));
  }

  @Test
  void anOriginalNodeIsFoundByItsPingAndGetsAnAnswerThatItReads() throws IOException {
    FakeNode a = node("a", 9001);
    a.alone = false;
    try (Original original = new Original("python", udpPort, 9009)) {
      start(a);
      assertThat(original.hears("{\"type\": \"PING\""))
          .startsWith(
              "{\"type\": \"PING\", \"node_id\": \"%s\", \"tcp_port\": 9001".formatted(a.self()));
      original.says("PING");
      assertThat(original.hears("{\"type\": \"PONG\""))
          .contains("\"node_id\": \"%s\", \"tcp_port\": 9001".formatted(a.self()));
      assertThat(a.found).containsExactly("127.0.0.1:9009");
    }
  }

  @Test
  void anOriginalNodeIsFoundByItsAnswer() throws IOException {
    FakeNode a = node("a", 9001);
    try (Original original = new Original("python", udpPort, 9009)) {
      start(a);
      original.hears("{\"type\": \"PING\"");
      original.says("PONG");
      await().until(() -> a.found.equals(List.of("127.0.0.1:9009")));
    }
  }

  @Test
  void garbageStopsNothing() throws IOException {
    FakeNode a = node("a", 9001);
    SplittableRandom random = new SplittableRandom(20_261_122);
    try (Original original = new Original("python", udpPort, 9009)) {
      Running run = start(a);
      original.hears("{\"type\": \"PING\"");
      original.says(new byte[0]);
      original.says(new byte[60_000]);
      for (int i = 0; i < 100; i++) {
        byte[] noise = new byte[random.nextInt(1_500)];
        random.nextBytes(noise);
        original.says(noise);
      }
      original.says("{\"type\": \"PONG\"}".getBytes(StandardCharsets.UTF_8));
      original.says("PONG");
      await().until(() -> a.found.equals(List.of("127.0.0.1:9009")));
      assertThat(run.end()).isNotDone();
      assertThat(a.lines()).hasSize(1);
    }
  }

  @Test
  void withoutTheLoopbackInterfaceNothingIsHeardFromThere() throws IOException {
    FakeNode deaf = new FakeNode("d", 9003, "port = %d, interfaces = [none0]".formatted(udpPort));
    FakeNode a = node("a", 9001);
    start(deaf);
    try (Original original = new Original("python", udpPort, 9009)) {
      start(a);
      original.hears("{\"type\": \"PING\"");
      original.says("PONG");
      await().until(() -> !a.found.isEmpty());
      // Each socket got the same datagrams; one more is heard after those were dealt with.
      original.says("PING");
      original.hears("{\"type\": \"PONG\"");
    }
    assertThat(deaf.found).isEmpty();
  }

  @Test
  void aPortThatIsNotSharedIsAFailureInOneLine() throws IOException {
    try (DatagramSocket other = new DatagramSocket(null)) {
      other.setOption(StandardSocketOptions.SO_REUSEADDR, false);
      other.bind(new InetSocketAddress(udpPort));
      assertThatThrownBy(() -> new LanDiscovery(new SplittableRandom(7)).run(node("a", 9001)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot hear neighbours at UDP port " + udpPort + ": ")
          .hasMessageContaining("in use");
    }
  }

  @Test
  void anInterruptStopsItWithinASecondAndFreesThePort() throws Exception {
    Running run = start(node("a", 9001));
    await().until(() -> run.thread().getState() == Thread.State.RUNNABLE);
    run.thread().interrupt();
    assertThatThrownBy(() -> run.end().get(1, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(InterruptedException.class);
    try (DatagramSocket socket = new DatagramSocket(null)) {
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, false);
      socket.bind(new InetSocketAddress(udpPort));
    }
  }

  @Test
  void byDefaultItSpeaksThePortOfTheOriginalNodesOnAllInterfaces() {
    assertThat(new FakeNode("a", 9001, "").settings()).isEqualTo(new Settings(9999, List.of()));
  }

  @Test
  void aPortThatIsNoneIsRefused() {
    assertThatThrownBy(() -> new Settings(65536, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port is 1 to 65535, not 65536");
  }

  private record Running(Thread thread, CompletableFuture<Void> end) {}

  private FakeNode node(String digit, int port) {
    return new FakeNode(
        digit, port, "port = %d, interfaces = [\"%s\"]".formatted(udpPort, loopback));
  }

  private Running start(FakeNode node) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("discovery")
            .start(
                () -> {
                  try {
                    new LanDiscovery(new SplittableRandom(7)).run(node);
                  } catch (Throwable e) {
                    end.completeExceptionally(e);
                  }
                });
    Running run = new Running(thread, end);
    running.add(run);
    return run;
  }

  private static boolean isLoopback(NetworkInterface each) {
    try {
      return each.isLoopback();
    } catch (SocketException e) {
      return false;
    }
  }
}
