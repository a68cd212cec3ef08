package io.cyphermesh.suricata;

import static io.cyphermesh.suricata.Eve.ATTACKER;
import static io.cyphermesh.suricata.Eve.HOME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real sockets, as Suricata would use them. */
final class SocketsTest {

  enum Kind {
    STREAM,
    DATAGRAM;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Path folder = Path.of("/");
  private Path socket = Path.of("/");
  private final List<Running> running = new ArrayList<>();

  /** A short path: that of a socket is limited. */
  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("eve");
    socket = folder.resolve("eve.sock");
  }

  @AfterEach
  void stopAll() throws Exception {
    for (Running each : running) {
      each.stop();
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** A detector on a thread of its own, as the node runs it. */
  private final class Running {
    private final TestContext context;
    private final Thread thread;
    private volatile @Nullable Exception end;

    private Running(TestContext context) {
      this.context = context;
      thread =
          Thread.ofPlatform()
              .name("detector")
              .start(
                  () -> {
                    try {
                      new EveSockets().run(context);
                    } catch (Exception e) {
                      end = e;
                    }
                  });
      running.add(this);
    }

    private void stop() throws InterruptedException {
      thread.interrupt();
      assertThat(thread.join(Duration.ofSeconds(5))).as("it stops").isTrue();
    }

    private void awaitSocket() {
      await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(socket));
    }

    private void awaitAttackers(String... attackers) {
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(context.attackers()).containsExactly(attackers));
    }
  }

  private TestContext context(Kind kind, String more) {
    TestContext context =
        new TestContext(
            "sockets = [{ path = \"" + socket + "\", type = " + kind.label() + " " + more + " }]");
    context.tracing = false;
    return context;
  }

  private Running start(Kind kind) {
    Running started = new Running(context(kind, ""));
    started.awaitSocket();
    return started;
  }

  private void send(Kind kind, String... lines) throws IOException {
    if (kind == Kind.STREAM) {
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        channel.write(bytes(String.join("\n", lines) + "\n"));
      }
    } else {
      for (String line : lines) {
        NativeSender.send(socket, line.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** Waits for the end, which is an error where the connection was not accepted yet. */
  private static boolean isClosed(SocketChannel client) {
    try {
      return client.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException e) {
      return true;
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String from(String attacker) {
    return Eve.alert(attacker, HOME).line();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void alertsFromASocketAreReported(Kind kind) throws Exception {
    Running bridge = start(kind);
    send(
        kind,
        from("192.0.2.1"),
        "{\"event_type\":\"flow\"}",
        "garbage \"alert\"",
        from("192.0.2.2"));
    bridge.awaitAttackers("192.0.2.1", "192.0.2.2");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aBurstIsReceivedWhole(Kind kind) throws Exception {
    Running bridge = start(kind);
    String[] lines = new String[2_000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = from("2001:db8::" + Integer.toHexString(i + 1));
    }
    send(kind, lines);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> bridge.context.detections.size() == lines.length);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theSocketHasItsModeAndGoesAtStop(Kind kind) throws Exception {
    Running bridge = start(kind);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
    bridge.stop();
    assertThat(socket).doesNotExist();
    assertThat(bridge.end).isInstanceOf(InterruptedException.class);
  }

  @Test
  void theModeCanBeSet() throws Exception {
    new Running(context(Kind.STREAM, ", mode = \"0622\"")).awaitSocket();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw--w--w-");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aStaleSocketIsReplaced(Kind kind) throws Exception {
    try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stale.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isTrue();
    Running bridge = new Running(context(kind, ""));
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              send(kind, from(ATTACKER));
              assertThat(bridge.context.attackers()).contains(ATTACKER);
            });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aSocketInUseIsNotTakenAway(Kind kind) throws Exception {
    Running first = start(kind);
    Running second = new Running(context(kind, ""));
    await().atMost(Duration.ofSeconds(20)).until(() -> !second.context.warnings().isEmpty());
    assertThat(second.context.warnings()).first().asString().contains("another process listens");
    second.stop();
    send(kind, from(ATTACKER));
    first.awaitAttackers(ATTACKER);
  }

  @Test
  void aFileAtThePlaceOfTheSocketIsLeftAlone() throws Exception {
    Files.writeString(socket, "precious");
    Running bridge = new Running(context(Kind.STREAM, ""));
    await().atMost(Duration.ofSeconds(20)).until(() -> !bridge.context.warnings().isEmpty());
    assertThat(bridge.context.warnings()).first().asString().contains("no socket");
    bridge.stop();
    assertThat(socket).hasContent("precious");
  }

  @Test
  void aFolderThatIsNotThereYetIsWaitedFor() throws Exception {
    Path later = folder.resolve("later");
    socket = later.resolve("eve.sock");
    Running bridge = new Running(context(Kind.STREAM, ""));
    await().atMost(Duration.ofSeconds(20)).until(() -> !bridge.context.warnings().isEmpty());
    Files.createDirectory(later);
    bridge.awaitSocket();
    send(Kind.STREAM, from(ATTACKER));
    bridge.awaitAttackers(ATTACKER);
    bridge.stop();
    assertThat(bridge.context.warnings()).hasSize(1);
  }

  @Test
  void aPathThatIsTooLongIsAClearError() {
    socket = Path.of("/run/" + "x".repeat(120));
    assertThatThrownBy(() -> new EveSockets().run(context(Kind.STREAM, "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("125 bytes")
        .hasMessageContaining("allows a socket 103");
    socket = Path.of("eve.sock");
    assertThatThrownBy(() -> new EveSockets().run(context(Kind.STREAM, "")))
        .hasMessageContaining("no absolute path");
    socket = Path.of("/run/eve.sock");
    assertThatThrownBy(() -> new EveSockets().run(context(Kind.STREAM, ", mode = \"rw\"")))
        .hasMessageContaining("octal");
    assertThatThrownBy(() -> new EveSockets().run(context(Kind.STREAM, ", max-clients = 0")))
        .hasMessageContaining("max-clients");
  }

  @Test
  void severalClientsAtOnceAreReadAndTooManyTurnedAway() throws Exception {
    Running bridge = new Running(context(Kind.STREAM, ", max-clients = 2"));
    bridge.awaitSocket();
    try (SocketChannel first = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        SocketChannel second = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      String line = from("192.0.2.1");
      first.write(bytes(line.substring(0, 50)));
      second.write(bytes(from("192.0.2.2") + "\n"));
      bridge.awaitAttackers("192.0.2.2");
      try (SocketChannel third = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        assertThat(third.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      first.write(bytes(line.substring(50) + "\n"));
      bridge.awaitAttackers("192.0.2.2", "192.0.2.1");
    }
    // Who left makes room.
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              send(Kind.STREAM, from("192.0.2.3"));
              assertThat(bridge.context.attackers()).contains("192.0.2.3");
            });
  }

  @RepeatedTest(10)
  void aClientThatKeepsItsConnectionDoesNotKeepTheBridgeFromStopping() throws Exception {
    Running bridge = start(Kind.STREAM);
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(bytes("{\"event_type\":"));
      bridge.stop();
      assertThat(isClosed(client)).isTrue();
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("suricata-socket"));
  }

  @Test
  void aLineWithoutAnEndIsCutAndTheNextOneRead() throws Exception {
    Running bridge = start(Kind.STREAM);
    String start = from("192.0.2.1");
    String endless = start.substring(0, start.length() - 1) + ",\"payload\":\"";
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer all =
          bytes(endless + "A".repeat(3 * 1024 * 1024) + "\n" + from("192.0.2.2") + "\n");
      while (all.hasRemaining()) {
        client.write(all);
      }
    }
    bridge.awaitAttackers("192.0.2.1", "192.0.2.2");
  }

  @Test
  void aReportAndTheStateThatKnowsItBecomeDurableTogether() throws Exception {
    Running bridge = start(Kind.STREAM);
    send(Kind.STREAM, from(ATTACKER));
    bridge.awaitAttackers(ATTACKER);
    bridge.stop();

    TestContext next = context(Kind.STREAM, "");
    next.saved = bridge.context.savedWith.getFirst();
    assertThat(next.saved).isNotEqualTo(Optional.empty());
    Running restarted = new Running(next);
    restarted.awaitSocket();
    send(Kind.STREAM, from(ATTACKER), from("192.0.2.9"));
    restarted.awaitAttackers("192.0.2.9");
  }

  @Test
  void withoutSocketsItWaitsQuietly() throws Exception {
    Running bridge = new Running(new TestContext(""));
    await().until(() -> bridge.thread.getState() == Thread.State.WAITING);
    bridge.stop();
    assertThat(bridge.end).isInstanceOf(InterruptedException.class);
    assertThat(bridge.context.warnings()).isEmpty();
  }
}
