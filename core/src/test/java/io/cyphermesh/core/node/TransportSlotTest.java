package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TlsIdentity;
import io.cyphermesh.api.Transport;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.peer.LinkEvents;
import io.cyphermesh.core.peer.LinkSession;
import io.cyphermesh.core.peer.PeerLinks;
import io.cyphermesh.core.plugin.DetectionSink;
import io.cyphermesh.core.plugin.JarBuilder;
import io.cyphermesh.core.plugin.LoadedTransport;
import io.cyphermesh.core.plugin.PluginFolder;
import io.cyphermesh.core.plugin.PluginHost;
import io.cyphermesh.core.plugin.PluginHostSettings;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PlainCodec;
import io.cyphermesh.core.testing.FakeClock;
import io.cyphermesh.core.view.PluginView;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class TransportSlotTest {
  private static final HostPort WHERE = new HostPort("127.0.0.1", 0);
  private static final String WAIT =
      "try { Thread.sleep(Long.MAX_VALUE); } catch (InterruptedException e) {}";

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("timers").daemon().factory());
  private final List<HostPort> listening = new CopyOnWriteArrayList<>();
  @TempDir private Path directory;
  private PluginHost host;
  private PeerLinks links;
  private TransportSlot slot;

  @BeforeEach
  void open() throws IOException {
    Limits limits = Limits.from(ConfigFactory.empty());
    links =
        new PeerLinks(
            limits.link(),
            10,
            limits.plain(false),
            new Message.Hello(2, "cyphermesh", 0, "ours", Set.of()),
            new PeerLinks.Shared(
                new FrameCodec(clock, () -> new UUID(1, 2)),
                new PlainCodec(clock, () -> new UUID(1, 2)),
                clock,
                clock,
                Thread.ofVirtual().name("link-", 0).factory(),
                new Semaphore(2),
                timers,
                new PeerLinks.Meters(
                    Counter.builder("left.out").register(new SimpleMeterRegistry()),
                    Counter.builder("dropped").register(new SimpleMeterRegistry())),
                LoggerFactory.getLogger(TransportSlotTest.class)),
            new NoEvents());
    slot =
        new TransportSlot(
            WHERE,
            new TransportSlot.How(new NoIdentity(), limits.transport(), false),
            links,
            listening::add);
    host =
        PluginHost.open(
            new PluginHostSettings(
                directory.resolve("data"),
                List.of(PluginFolder.own(directory.resolve("plugins"))),
                ConfigFactory.empty()),
            new NoReports(),
            clock,
            new SplittableRandom(7));
  }

  @AfterEach
  void stop() {
    slot.close();
    links.close();
    host.close();
    timers.shutdownNow();
  }

  @Test
  void anErrorOfListenIsTheFirstTransportsReasonInOneLine() throws IOException {
    transport("a", "throw new UnsatisfiedLinkError(\"no\\nlibrary\");");
    host.load();
    assertThatThrownBy(() -> slot.useFirst(host.transports()))
        .isInstanceOf(IOException.class)
        .hasMessage("a: UnsatisfiedLinkError: no library");
  }

  @Test
  void anAddressThatIsTakenIsToldAsTheTransportSaysIt() throws IOException {
    transport("a", "throw new java.io.IOException(\"127.0.0.1:0 is taken\");");
    host.load();
    assertThatThrownBy(() -> slot.useFirst(host.transports()))
        .isInstanceOf(IOException.class)
        .hasMessage("127.0.0.1:0 is taken");
  }

  @Test
  void theNextOneIsUsedWhereTheFirstCannotListen() throws IOException {
    slot.useFirst(List.of());
    transport("a", "throw new UnsatisfiedLinkError(\"no library\");");
    transport("b", listener(WAIT, ""));
    host.load();
    host.useTransports(slot);
    assertThat(view("a").lastError()).contains("a: UnsatisfiedLinkError: no library");
    assertThat(view("b").state()).isEqualTo("ACTIVE");
    assertThat(listening).containsExactly(new HostPort("127.0.0.1", 9001));
  }

  @Test
  void oneThatAcceptsNoMoreHasFailedAndTheNextIsUsed() throws IOException {
    transport("a", listener("throw new OutOfMemoryError(\"its own making\");", ""));
    transport("b", listener(WAIT, ""));
    host.load();
    host.useTransports(slot);
    slot.useFirst(host.transports());
    await().until(() -> view("a").state().equals("FAILED"));
    assertThat(view("a").lastError())
        .contains("it accepts no more links: java.lang.OutOfMemoryError: its own making");
    await().atMost(Duration.ofSeconds(30)).until(() -> view("b").state().equals("ACTIVE"));
    assertThat(slot.transport().map(Transport::toString)).contains("b");
  }

  @Test
  void oneThatIsLeftIsNoFailureAlsoWhereItDoesNotClose() throws IOException {
    transport("a", listener(WAIT, WAIT));
    host.load();
    slot.useFirst(host.transports());
    LoadedTransport used = host.transports().getFirst();
    slot.leave(used);
    assertThat(slot.address()).isEmpty();
    assertThat(view("a").state()).isEqualTo("ACTIVE");
  }

  @Test
  void whatIsOfferedBeforeTheFirstIsChosenWaits() throws IOException {
    transport("a", listener(WAIT, ""));
    host.load();
    host.useTransports(slot);
    assertThat(view("a").state()).isEqualTo("RESOLVED");
    slot.useFirst(host.transports());
    assertThat(view("a").state()).isEqualTo("ACTIVE");
  }

  private void transport(String id, String listen) throws IOException {
    JarBuilder.plugin(directory, id)
        .source(
            "T",
            "public class T implements Transport { public void start(TransportContext context) {}"
                + " public Listener listen(HostPort a) throws java.io.IOException { "
                + listen
                + " } public Link dial(HostPort a, DialPolicy p) { return null; } public String"
                + " toString() { return \""
                + id
                + "\"; } }")
        .service(Transport.class, "plug.T")
        .buildTo(directory.resolve("plugins/" + id + ".jar"));
  }

  private static String listener(String serve, String close) {
    return "return new Listener() { public HostPort address() { return new"
        + " HostPort(\"127.0.0.1\", 9001); } public void serve(Acceptor a) { "
        + serve
        + " } public void close() { "
        + close
        + " } };";
  }

  private PluginView view(String id) {
    return host.views().stream().filter(view -> view.id().equals(id)).findFirst().orElseThrow();
  }

  private static final class NoReports implements DetectionSink {
    @Override
    public List<Optional<String>> submit(
        String owner, String pluginId, List<Detection> detections, Optional<byte[]> checkpoint) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<byte[]> checkpoint(String owner) {
      return Optional.empty();
    }
  }

  private static final class NoEvents implements LinkEvents {
    @Override
    public void up(LinkSession link, Message.Hello hello, Optional<Duration> clockSkew) {}

    @Override
    public void received(LinkSession link, Message message) {}

    @Override
    public void tooFast(LinkSession link) {}

    @Override
    public void down(LinkId link, String reason) {}

    @Override
    public void dialFailed(HostPort address, String reason) {}

    @Override
    public boolean ignored(LinkSession link) {
      return false;
    }
  }

  private static final class NoIdentity implements TlsIdentity {
    @Override
    public NodeId self() {
      return new NodeId("0".repeat(64));
    }

    @Override
    public SSLContext context() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SSLContext contextFor(NodeId expected) {
      throw new UnsupportedOperationException();
    }

    @Override
    public NodeId peer(SSLSession session) {
      throw new UnsupportedOperationException();
    }
  }
}
