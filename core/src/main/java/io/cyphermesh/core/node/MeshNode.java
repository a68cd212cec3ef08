package io.cyphermesh.core.node;

import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.view.NodeView;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.InstantSource;

/** A node: every part is named here once, in the order in which data meets them. */
public final class MeshNode implements AutoCloseable {
  private final NodeView view;
  private final NodeControl control;

  private MeshNode(NodeView view, NodeControl control) {
    this.view = view;
    this.control = control;
  }

  /**
   * Starts a node. Returns when it listens and its plugins have been started.
   *
   * @throws IOException if it cannot run here; the message is one line that says what to do
   */
  public static MeshNode start(NodeSettings settings, MeterRegistry meters, InstantSource clock)
      throws IOException {
    return start(settings, meters, clock, null, null);
  }

  /** What can be seen of it. */
  public NodeView view() {
    return view;
  }

  /** What it can be told. */
  public NodeControl control() {
    return control;
  }

  /** Stops everything in order; durable state is complete afterwards. */
  @Override
  public void close() {}

  private static MeshNode start(
      NodeSettings settings,
      MeterRegistry meters,
      InstantSource clock,
      @org.jspecify.annotations.Nullable NodeView view,
      @org.jspecify.annotations.Nullable NodeControl control)
      throws IOException {
    if (view == null || control == null) {
      throw new IOException("not yet " + settings + meters + clock);
    }
    return new MeshNode(view, control);
  }
}
