package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.control.ManualReport;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.pipeline.EventImport;
import io.cyphermesh.core.pipeline.LocalReports;
import io.cyphermesh.core.plugin.PluginHost;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.PluginView;
import java.util.Optional;

/** The commands to this very node. */
final class LocalControl implements NodeControl {
  private final EventStore store;
  private final MeshDriver mesh;
  private final LocalReports reports;
  private final EventImport imports;
  private final PluginHost plugins;

  LocalControl(
      EventStore store,
      MeshDriver mesh,
      LocalReports reports,
      EventImport imports,
      PluginHost plugins) {
    this.store = store;
    this.mesh = mesh;
    this.reports = reports;
    this.imports = imports;
    this.plugins = plugins;
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
  public EventView report(ManualReport report) throws InterruptedException {
    return LocalView.view(reports.report(report));
  }

  @Override
  public ImportedEvents importEvents(String json) throws InterruptedException {
    return imports.take(json);
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
