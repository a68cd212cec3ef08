package io.cyphermesh.cli.client;

import java.io.IOException;

/** Nobody listens where the node was: it has stopped, or is not up yet. */
public final class NodeGone extends IOException {
  NodeGone(IOException cause) {
    super(cause);
  }
}
