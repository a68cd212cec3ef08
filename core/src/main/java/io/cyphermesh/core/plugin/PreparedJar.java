package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.util.Optional;

/**
 * A jar that may run: copied, trusted, and fit for this node.
 *
 * @param jar what its copy says of itself
 * @param copy what runs
 */
record PreparedJar(PluginJar jar, RunningCopies.Copy copy) {
  /**
   * Copies a jar and checks the copy, which nobody else can change any more.
   *
   * @throws PluginRefusedException if it may not run, with the reason
   */
  static PreparedJar of(PluginJar jar, RunningCopies copies, PluginTrust trust)
      throws PluginRefusedException {
    Optional<String> fault =
        Optional.ofNullable(jar.file().getParent())
            .flatMap(folder -> JarScan.fault(folder, jar.bundled()))
            .or(() -> JarScan.fault(jar.file(), jar.bundled()));
    if (fault.isPresent()) {
      throw new PluginRefusedException(fault.get());
    }
    try {
      RunningCopies.Copy copy = copies.of(jar.id(), jar.file());
      if (!jar.bundled()) {
        JarInspection.check(copy.file());
      }
      trust.check(jar, copy);
      return new PreparedJar(jar.readFrom(copy.file()), copy);
    } catch (IOException e) {
      throw new PluginRefusedException("it cannot be copied: " + Fault.line(e), e);
    }
  }

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
