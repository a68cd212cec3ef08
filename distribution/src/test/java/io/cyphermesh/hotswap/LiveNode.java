package io.cyphermesh.hotswap;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.node.MeshNode;
import io.cyphermesh.core.node.NodeSettings;
import io.cyphermesh.core.plugin.PluginFolder;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.transport.tcp.TcpTransport;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A node in this process, with the archive's transport and a plugins folder of its own. */
final class LiveNode implements AutoCloseable {
  /** A hundred reporters that nobody has met before share 50 events/s, which is not the subject. */
  private static final String OLD_ACQUAINTANCES =
      "limits.reporter { newcomers-per-second = 10000, newcomers-burst = 10000 }";

  private final Path data;
  private final Path plugins;
  private final MeshNode node;

  private LiveNode(Path data, Path plugins, MeshNode node) {
    this.data = data;
    this.plugins = plugins;
    this.node = node;
  }

  static LiveNode start(Path folder, Optional<HostPort> seed) throws IOException {
    Path bundled = ownersOnly(folder.resolve("bundled"));
    Path plugins = ownersOnly(folder.resolve("plugins"));
    Path data = folder.resolve("data");
    Files.copy(transport(), bundled.resolve("tcp-transport.jar"));
    return new LiveNode(
        data,
        plugins,
        MeshNode.start(
            new NodeSettings(
                data,
                new HostPort("127.0.0.1", 0),
                seed,
                List.of(PluginFolder.bundled(bundled), PluginFolder.own(plugins)),
                false,
                false,
                ConfigFactory.parseString(OLD_ACQUAINTANCES)),
            new SimpleMeterRegistry(),
            InstantSource.system()));
  }

  private static Path ownersOnly(Path folder) throws IOException {
    return Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static Path transport() throws IOException {
    try {
      Path jar =
          Path.of(TcpTransport.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isRegularFile(jar)) {
        return jar;
      }
      throw new IOException("tcp-transport is not a jar yet: run 'mvn verify'");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  HostPort address() {
    return HostPort.parse(view().status().listening().orElseThrow());
  }

  NodeView view() {
    return node.view();
  }

  NodeControl control() {
    return node.control();
  }

  /** Where jars are dropped in. */
  Path plugins() {
    return plugins;
  }

  /** The node's copies of the jars that run. */
  Path running() {
    return data.resolve("plugins-running");
  }

  Optional<PluginView> plugin(String id) {
    return view().plugins().stream().filter(plugin -> plugin.id().equals(id)).findFirst();
  }

  long links() {
    return view().peers().stream().filter(peer -> peer.state() == PeerView.State.CONNECTED).count();
  }

  /** The ids of all events that it has. */
  Set<String> stored() {
    Set<String> ids = new HashSet<>();
    Optional<Long> before = Optional.empty();
    do {
      EventPage page = view().events(500, before);
      page.events().forEach(event -> ids.add(event.id()));
      before = page.next();
    } while (before.isPresent());
    return ids;
  }

  @Override
  public void close() {
    node.close();
  }
}
