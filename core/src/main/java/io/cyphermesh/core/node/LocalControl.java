package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PeerBan;
import io.cyphermesh.core.control.PeerLinkedException;
import io.cyphermesh.core.control.UnknownPeerException;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.pipeline.EventImport;
import io.cyphermesh.core.pipeline.LocalReports;
import io.cyphermesh.core.plugin.PluginHost;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.PluginView;
import java.util.Optional;

/** The commands to this very node. */
final class LocalControl implements NodeControl {
  private final NodeId self;
  private final EventStore store;
  private final Reputation reputation;
  private final MeshDriver mesh;
  private final LocalReports reports;
  private final EventImport imports;
  private final PluginHost plugins;
  private final VerdictCounts verdicts;

  LocalControl(
      NodeId self,
      EventStore store,
      Reputation reputation,
      MeshDriver mesh,
      LocalReports reports,
      EventImport imports,
      PluginHost plugins,
      VerdictCounts verdicts) {
    this.self = self;
    this.store = store;
    this.reputation = reputation;
    this.mesh = mesh;
    this.reports = reports;
    this.imports = imports;
    this.plugins = plugins;
    this.verdicts = verdicts;
  }

  @Override
  public boolean addPeer(HostPort address) {
    try {
      Optional<KnownAddress> known =
          store.addresses().stream().filter(a -> a.address().equals(address)).findFirst();
      boolean isNew = known.filter(a -> a.origin() == KnownAddress.Origin.OPERATOR).isEmpty();
      if (isNew) {
        store.saveAddress(
            new KnownAddress(
                address,
                KnownAddress.Origin.OPERATOR,
                known.flatMap(KnownAddress::nodeId),
                known.flatMap(KnownAddress::lastSuccess)));
      }
      mesh.put(new Input.AddAddress(address, AddressOrigin.OPERATOR, Optional.empty()));
      return isNew;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void forgetPeer(HostPort address) throws InterruptedException {
    MeshSnapshot now = mesh.snapshot();
    if (now.links().stream().anyMatch(link -> link.address().equals(address))) {
      throw new PeerLinkedException(address);
    }
    boolean known =
        now.addresses().stream().anyMatch(each -> each.address().equals(address))
            || store.addresses().stream().anyMatch(each -> each.address().equals(address));
    if (!known) {
      throw new UnknownPeerException("at " + address);
    }
    // First: what the mesh holds, it has the store remember.
    mesh.put(new Input.ForgetAddress(address));
    store.forgetAddress(address);
  }

  @Override
  public PeerBan ban(String name) throws InterruptedException {
    PeerId peer = PeerNames.parse(name);
    if (peer.is(self)) {
      throw new IllegalArgumentException("that is this node itself");
    }
    boolean was = store.peer(peer).map(Standing::byOperator).orElse(false);
    return told(reputation.setBanned(peer, true), !was);
  }

  @Override
  public PeerBan lift(String name) throws InterruptedException {
    PeerId peer = PeerNames.parse(name);
    Standing before = store.peer(peer).orElseThrow(() -> new UnknownPeerException(name));
    boolean was = before.banned() || before.blockedUntil().isPresent();
    return told(was ? reputation.setBanned(peer, false) : before, was);
  }

  private static PeerBan told(Standing standing, boolean changed) {
    return new PeerBan(
        PeerNames.of(standing.peer()),
        standing.banned(),
        standing.score(),
        standing.blockedUntil(),
        changed);
  }

  @Override
  public EventView report(ManualReport report) throws InterruptedException {
    return StoreView.view(reports.report(report));
  }

  @Override
  public ImportedEvents importEvents(String json) throws InterruptedException {
    return verdicts.counted(imports.take(json));
  }

  @Override
  public PluginView enablePlugin(String id) throws InterruptedException {
    return plugins.enable(id);
  }

  @Override
  public PluginView disablePlugin(String id) throws InterruptedException {
    return plugins.disable(id);
  }

  @Override
  public PluginView reloadPlugin(String id) throws InterruptedException {
    return plugins.reload(id);
  }
}
