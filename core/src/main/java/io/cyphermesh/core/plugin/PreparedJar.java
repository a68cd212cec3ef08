package io.cyphermesh.core.plugin;

/**
 * A jar that may run: copied, trusted, and fit for this node.
 *
 * @param jar what its copy says of itself
 * @param copy what runs
 */
record PreparedJar(PluginJar jar, RunningCopies.Copy copy) {
  String id() {
    return jar.id();
  }

  boolean sameContent(PreparedJar other) {
    return copy.sha256().equals(other.copy.sha256());
  }

  /** The same content, seen in another state of the file or another file. */
  PreparedJar seenAs(PluginJar other) {
    return new PreparedJar(other, copy);
  }
}
