package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.TlsIdentity;
import io.cyphermesh.api.Transport;
import io.cyphermesh.api.TransportLimits;
import io.cyphermesh.core.peer.PeerLinks;
import io.cyphermesh.core.plugin.LoadedTransport;
import io.cyphermesh.core.plugin.TransportUser;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place of the one transport that this node uses, and what listens by it. */
final class TransportSlot implements TransportUser, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TransportSlot.class);

  private final HostPort where;
  private final How how;
  private final PeerLinks links;
  private final Consumer<HostPort> listening;
  private volatile Optional<Used> used = Optional.empty();
  private boolean closed;

  /** What a transport is started with. */
  record How(TlsIdentity identity, TransportLimits limits, boolean acceptsPlain) {}

  private record Used(
      LoadedTransport loaded, Transport transport, Transport.Listener listener, Thread acceptor) {}

  /**
   * An empty place.
   *
   * @param where to listen; port 0 for any free one, anew each time
   * @param listening told of the address each time that the node begins to listen
   */
  TransportSlot(HostPort where, How how, PeerLinks links, Consumer<HostPort> listening) {
    this.where = where;
    this.how = how;
    this.links = links;
    this.listening = listening;
  }

  /** The transport that dials. */
  Optional<Transport> transport() {
    return used.map(Used::transport);
  }

  /** Where peers reach this node. */
  Optional<HostPort> address() {
    return used.map(now -> now.listener().address());
  }

  /**
   * Uses the first of these that works.
   *
   * @throws IOException if the one that works cannot listen
   */
  synchronized void useFirst(List<LoadedTransport> loaded) throws IOException {
    for (LoadedTransport each : loaded) {
      Optional<Transport> ready = started(each);
      if (ready.isPresent()) {
        listen(each, ready.get());
        return;
      }
    }
    LOG.warn(
        "no transport is loaded: this node is alone (is tcp-transport in the plugins folder?)");
  }

  @Override
  public synchronized void use(LoadedTransport loaded) {
    if (used.isPresent() || closed) {
      return;
    }
    started(loaded)
        .ifPresent(
            ready -> {
              try {
                listen(loaded, ready);
              } catch (IOException e) {
                LOG.warn("transport {} cannot listen: {}", loaded.pluginId(), e.getMessage());
                loaded.failed(String.valueOf(e.getMessage()));
              }
            });
  }

  @Override
  public synchronized void leave(LoadedTransport loaded) {
    used.filter(now -> now.loaded() == loaded)
        .ifPresent(
            now -> {
              used = Optional.empty();
              stop(now);
              links.closeAll("this node's transport stops");
            });
  }

  /** The plugin shows as {@code FAILED} if it does not start, with the reason; another may do. */
  private Optional<Transport> started(LoadedTransport loaded) {
    try {
      return Optional.of(loaded.start(how.identity(), how.limits(), how.acceptsPlain()));
    } catch (IOException e) {
      LOG.warn("transport {} cannot be used: {}", loaded.pluginId(), e.getMessage());
      return Optional.empty();
    }
  }

  private void listen(LoadedTransport loaded, Transport ready) throws IOException {
    Transport.Listener listener = ready.listen(where);
    Thread acceptor =
        Thread.ofVirtual().name("accept").unstarted(() -> listener.serve(links::accept));
    used = Optional.of(new Used(loaded, ready, listener, acceptor));
    links.listensOn(listener.address().port());
    listening.accept(listener.address());
    acceptor.start();
  }

  private static void stop(Used now) {
    now.acceptor().interrupt();
    try {
      now.listener().close();
    } catch (Exception e) {
      LOG.warn("what listens did not close in order: {}", e.toString());
    }
  }

  /** Accepts nobody any more; the links are their owner's to close. */
  @Override
  public synchronized void close() {
    closed = true;
    used.ifPresent(TransportSlot::stop);
  }
}
