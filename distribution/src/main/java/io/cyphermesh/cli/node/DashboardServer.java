package io.cyphermesh.cli.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.settings.Settings;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.view.NodeView;
import java.io.IOException;
import java.time.InstantSource;
import java.util.function.Supplier;

/** The one place that knows how the dashboard is started. */
interface DashboardServer extends AutoCloseable {

  /** Where it listens. */
  HostPort address();

  @Override
  void close();

  /** Starts it; returns when it listens. */
  static DashboardServer start(
      Settings settings,
      NodeView view,
      NodeControl control,
      Supplier<String> metrics,
      InstantSource clock)
      throws IOException {
    throw new IOException("not wired to the dashboard yet");
  }
}
