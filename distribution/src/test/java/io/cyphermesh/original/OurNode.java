package io.cyphermesh.original;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.node.MeshNode;
import io.cyphermesh.core.node.NodeSettings;
import io.cyphermesh.core.plugin.PluginFolder;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.transport.tcp.TcpTransport;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** A node of this build with the transport of this build, in this process. */
final class OurNode implements AutoCloseable {
  private static final String HASTY =
      """
      limits.transport { first-byte = 300ms, answer = 400ms, handshakes-per-second = 1000 }
      limits.plain.heartbeat = 300ms
      mesh { dial-backoff-min = 200ms, dial-backoff-max = 1s }
      """;

  private final MeshNode node;

  private OurNode(MeshNode node) {
    this.node = node;
  }

  static OurNode start(Path folder) throws IOException {
    return start(folder, true, "");
  }

  static OurNode start(Path folder, boolean acceptV1, String settings) throws IOException {
    Path plugins = folder.resolveSibling("plugins");
    transport(plugins);
    return new OurNode(
        MeshNode.start(
            new NodeSettings(
                folder,
                new HostPort("127.0.0.1", 0),
                Optional.empty(),
                List.of(PluginFolder.bundled(plugins)),
                false,
                acceptV1,
                ConfigFactory.parseString(settings).withFallback(ConfigFactory.parseString(HASTY))),
            new SimpleMeterRegistry(),
            InstantSource.system()));
  }

  /** The jar as Maven makes it, also where Maven has not come to that yet. */
  private static void transport(Path folder) throws IOException {
    Path jar = folder.resolve("tcp-transport.jar");
    if (Files.exists(jar)) {
      return;
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path built = location();
    if (Files.isRegularFile(built)) {
      Files.copy(built, jar);
      return;
    }
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Plugin-Id", "tcp-transport");
    main.putValue("Plugin-Version", "1.0.0");
    main.putValue("Plugin-Provider", "Tests");
    main.putValue("Plugin-Description", "The transport of this build");
    main.putValue("Plugin-Requires", "^0.1.0");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        Stream<Path> files = Files.walk(built)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(built.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
  }

  private static Path location() {
    try {
      return Path.of(
          TcpTransport.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  HostPort address() {
    return HostPort.parse(node.view().status().listening().orElseThrow());
  }

  void dial(HostPort address) {
    node.control().addPeer(address);
  }

  /** Reports an event, with details where there are any; returns its id. */
  String report(String sourceIp, String details) throws InterruptedException {
    return node.control()
        .report(
            new ManualReport(
                sourceIp,
                "ssh-bruteforce",
                "high",
                details.isEmpty() ? Optional.empty() : Optional.of(details)))
        .id();
  }

  List<EventView> events() {
    return node.view().events(500, Optional.empty()).events();
  }

  Optional<EventView> event(String sourceIp) {
    return events().stream().filter(event -> event.sourceIp().equals(sourceIp)).findFirst();
  }

  boolean has(String sourceIp) {
    return event(sourceIp).isPresent();
  }

  List<PeerView> peers() {
    return node.view().peers();
  }

  /** Plain links that are up. */
  List<PeerView> plainLinks() {
    return peers().stream()
        .filter(peer -> peer.state() == PeerView.State.CONNECTED)
        .filter(peer -> peer.agent().equals(Optional.of("v1")))
        .toList();
  }

  /** TLS links that are up. */
  List<PeerView> securedLinks() {
    return peers().stream()
        .filter(peer -> peer.state() == PeerView.State.CONNECTED && peer.nodeId().isPresent())
        .toList();
  }

  /** The score of all who come from loopback without TLS. */
  long plainScore() {
    return peers().stream()
        .filter(peer -> peer.nodeId().isEmpty() && peer.agent().equals(Optional.of("v1")))
        .mapToLong(PeerView::reputation)
        .findFirst()
        .orElse(0);
  }

  boolean plainBanned() {
    return peers().stream()
        .filter(peer -> peer.nodeId().isEmpty() && peer.agent().equals(Optional.of("v1")))
        .anyMatch(peer -> peer.blockedUntil().isPresent());
  }

  long rejected() {
    return node.view().status().events().rejected();
  }

  long ignored() {
    return node.view().status().events().ignored();
  }

  @Override
  public void close() {
    node.close();
  }
}
