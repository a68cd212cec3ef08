package io.cyphermesh.cli.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.node.MeshNode;
import io.cyphermesh.core.node.NodeSettings;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.dashboard.Dashboard;
import io.cyphermesh.dashboard.DashboardSettings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.InstantSource;

/** The running parts of a node's process: the node, and the dashboard that shows it. */
interface NodeParts extends AutoCloseable {

  /** What can be seen of the node. */
  NodeView view();

  /** What it can be told. */
  NodeControl control();

  /** Serves the dashboard; returns when it listens, with the address it got. */
  HostPort serve(Settings settings) throws IOException;

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
    ExportMeters exports = new ExportMeters(meters);
    return new NodeParts() {
      private AutoCloseable web = () -> {};

      @Override
      public NodeView view() {
        return node.view();
      }

      @Override
      public NodeControl control() {
        return node.control();
      }

      @Override
      public HostPort serve(Settings wanted) throws IOException {
        Dashboard server =
            Dashboard.start(
                new DashboardSettings(
                    wanted.dashboard(),
                    wanted.publicRead(),
                    wanted.data().token(),
                    wanted.allowedHosts()),
                node.view(),
                node.control(),
                () -> {
                  exports.set(node.view().plugins(), clock.instant());
                  return meters.scrape();
                },
                clock);
        web = server;
        return server.address();
      }

      @Override
      public void close() {
        try {
          web.close();
        } catch (Exception e) {
          throw new IllegalStateException("the dashboard did not stop: " + e.getMessage(), e);
        } finally {
          node.close();
        }
      }
    };
  }
}
