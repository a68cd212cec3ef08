package io.cyphermesh.core.plugin;

import io.cyphermesh.api.DiscoveryContext;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.PeerDiscovery;
import io.cyphermesh.api.PluginContext;
import java.util.Optional;

/** What a discovery does: it finds addresses, of which the sink gets as many as the guard lets. */
final class DiscoveryWork implements SupervisedExtension.Work<PeerDiscovery> {
  private final PluginContext plugin;
  private final DiscoverySink sink;
  private final FoundGuard guard;
  private final ExtensionStatus status;
  private volatile boolean closed;

  DiscoveryWork(PluginContext plugin, DiscoverySink sink, ExtensionStatus status) {
    this.plugin = plugin;
    this.sink = sink;
    this.guard = new FoundGuard(plugin.clock());
    this.status = status;
  }

  @Override
  public void run(PeerDiscovery discovery) throws Exception {
    discovery.run(new Context());
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class Context implements DiscoveryContext, LentContext {
    @Override
    public PluginContext plugin() {
      return plugin;
    }

    @Override
    public NodeId self() {
      return sink.self();
    }

    @Override
    public int port() {
      return sink.port();
    }

    @Override
    public boolean alone() {
      return sink.alone();
    }

    @Override
    public void found(HostPort address, Optional<NodeId> peer) {
      if (address.port() == 0) {
        throw new IllegalArgumentException("nobody listens on port 0 of " + address.host());
      }
      if (closed || !guard.admits(address)) {
        status.refused(1);
        return;
      }
      status.produced(1);
      sink.found(address, peer);
    }
  }
}
