package io.cyphermesh.cli.data;

import io.cyphermesh.api.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses that were added while no node ran, one {@code HOST:PORT} a line. Who calls this has the
 * {@link NodeLock}.
 */
public final class PendingPeers {
  private final DataDirectory data;

  public PendingPeers(DataDirectory data) {
    this.data = data;
  }

  /**
   * Remembers an address for the next start.
   *
   * @return whether it was new
   */
  public boolean add(HostPort address) throws IOException {
    List<String> lines = new ArrayList<>(lines());
    if (lines.contains(address.toString())) {
      return false;
    }
    lines.add(address.toString());
    DataDirectory.write(data.pendingPeers(), String.join("\n", lines) + "\n");
    return true;
  }

  /** What is remembered, as written: an operator may have edited it. */
  public List<String> lines() throws IOException {
    if (!Files.exists(data.pendingPeers())) {
      return List.of();
    }
    return Files.readAllLines(data.pendingPeers()).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  /** Forgets them all: the node has them now. */
  public void clear() throws IOException {
    Files.deleteIfExists(data.pendingPeers());
  }
}
