package io.cyphermesh.cli.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.cli.settings.Settings.DashboardTls;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.node.MeshNode;
import io.cyphermesh.core.node.NodeSettings;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.dashboard.Dashboard;
import io.cyphermesh.dashboard.DashboardSettings;
import io.cyphermesh.dashboard.DashboardSettings.Tls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** The running parts of a node's process: the node, and the dashboard that shows it. */
interface NodeParts extends AutoCloseable {

  /** What can be seen of the node. */
  NodeView view();

  /** What it can be told. */
  NodeControl control();

  /** Serves the dashboard; returns when it listens. */
  Web serve(Settings settings) throws IOException;

  /**
   * Where the dashboard is.
   *
   * @param address with the port that it got
   * @param certificate the SHA-256 of its certificate; empty over plain HTTP
   */
  record Web(HostPort address, Optional<String> certificate) {}

  /** Stops the dashboard, then the node. */
  @Override
  void close();

  /** Starts the node of a process. */
  @FunctionalInterface
  interface Starter {
    NodeParts start(Settings settings, InstantSource clock) throws IOException;
  }

  /** The real ones. */
  static NodeParts start(Settings settings, InstantSource clock) throws IOException {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MeshNode node =
        MeshNode.start(
            new NodeSettings(
                settings.data().path(),
                settings.listen(),
                settings.seed(),
                settings.pluginFolders(),
                settings.discovery(),
                settings.acceptV1(),
                settings.config(),
                settings.reread()),
            meters,
            clock);
    PluginMeters plugins = new PluginMeters(meters);
    AutoCloseable machine = MachineMeters.bind(meters);
    return new NodeParts() {
      private Optional<Dashboard> web = Optional.empty();

      @Override
      public NodeView view() {
        return node.view();
      }

      @Override
      public NodeControl control() {
        return node.control();
      }

      @Override
      public Web serve(Settings wanted) throws IOException {
        Dashboard server =
            Dashboard.start(
                new DashboardSettings(
                    wanted.dashboard(),
                    wanted.publicRead(),
                    wanted.data().token(),
                    wanted.allowedHosts(),
                    wanted
                        .dashboardTls()
                        .map(
                            tls ->
                                switch (tls) {
                                  case DashboardTls.Files(Path certificate, Path key) ->
                                      new Tls.Files(certificate, key);
                                  case DashboardTls.SelfSigned() ->
                                      new Tls.SelfSigned(wanted.data().dashboardTls());
                                }),
                    wanted.geo()),
                node.view(),
                node.control(),
                new ProcessFacts(wanted, System.getenv()),
                () -> {
                  plugins.set(node.view().plugins(), clock.instant());
                  return meters.scrape();
                },
                clock);
        web = Optional.of(server);
        MachineMeters.bind(meters, server);
        return new Web(server.address(), server.certificateSha256());
      }

      @Override
      public void close() {
        try {
          web.ifPresent(Dashboard::close);
          machine.close();
        } catch (Exception e) {
          throw new IllegalStateException("the dashboard did not stop: " + e.getMessage(), e);
        } finally {
          node.close();
        }
      }
    };
  }
}
