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
import java.util.function.Predicate;
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

  /** Whether the node has chosen its first one, and takes what is offered. */
  private boolean begun;

  private boolean closed;

  /** What a transport is started with. */
  record How(TlsIdentity identity, TransportLimits limits, boolean acceptsPlain) {}

  private record Used(
      LoadedTransport loaded,
      Transport transport,
      LoadedTransport.Listening listening,
      Thread acceptor) {}

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
    return used.map(now -> now.listening().address());
  }

  /**
   * Uses the first of these that works; what is offered before is not taken.
   *
   * @throws IOException if the one that works cannot listen
   */
  synchronized void useFirst(List<LoadedTransport> loaded) throws IOException {
    begun = true;
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
    if (!begun || closed || used.isPresent()) {
      return;
    }
    started(loaded)
        .ifPresent(
            ready -> {
              try {
                listen(loaded, ready);
              } catch (IOException e) {
                LOG.warn("transport {} cannot listen: {}", loaded.pluginId(), e.getMessage());
                loaded.stop();
                loaded.failed(String.valueOf(e.getMessage()));
              }
            });
  }

  @Override
  public void leave(LoadedTransport loaded) {
    clear(now -> now.loaded() == loaded, "this node's transport stops");
  }

  /** Stops what is used and ends its links, where it is the one in question; whether it was. */
  private synchronized boolean clear(Predicate<Used> which, String reason) {
    Optional<Used> leaving = used.filter(which);
    leaving.ifPresent(
        now -> {
          used = Optional.empty();
          stop(now);
          links.closeAll(reason);
        });
    return leaving.isPresent();
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
    LoadedTransport.Listening bound = loaded.listen(ready, where);
    Thread acceptor;
    try {
      Transport.Acceptor accepted = links.acceptor();
      acceptor = loaded.newThread(() -> serve(loaded, bound.listener(), accepted));
    } catch (IllegalStateException e) {
      close(loaded, bound.listener());
      throw new IOException(e.getMessage(), e);
    }
    used = Optional.of(new Used(loaded, ready, bound, acceptor));
    links.listensOn(bound.address().port());
    listening.accept(bound.address());
    acceptor.start();
  }

  /** Runs in the transport's code until it is left, or ends by itself, which is its fault. */
  private void serve(
      LoadedTransport loaded, Transport.Listener listener, Transport.Acceptor accepted) {
    String reason;
    try {
      listener.serve(accepted);
      reason = "it accepts no more links";
    } catch (Throwable e) {
      // Also an error of memory: this is the plugin's thread.
      LOG.debug("transport {}", loaded.pluginId(), e);
      reason = "it accepts no more links: " + e;
    }
    // What it was interrupted for, if anything, must not hinder what follows.
    boolean interrupted = Thread.interrupted();
    if (clear(now -> !closed && now.loaded() == loaded, "this node's transport failed")) {
      LOG.warn("transport {} failed: {}", loaded.pluginId(), reason);
      loaded.failed(reason);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stop(Used now) {
    if (!now.acceptor().equals(Thread.currentThread())) {
      now.acceptor().interrupt();
    }
    close(now.loaded(), now.listening().listener());
  }

  private static void close(LoadedTransport loaded, Transport.Listener listener) {
    try {
      loaded.close(listener);
    } catch (IOException e) {
      LOG.warn("what listens did not close in order: {}", e.getMessage());
    }
  }

  /** Accepts nobody any more; the links are their owner's to close. */
  @Override
  public synchronized void close() {
    closed = true;
    used.ifPresent(TransportSlot::stop);
  }
}
