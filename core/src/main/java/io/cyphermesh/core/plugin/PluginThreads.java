package io.cyphermesh.core.plugin;

import org.pf4j.PluginClassLoader;

/** Tells plugins' threads from the node's own. */
public final class PluginThreads {
  /** What the group of a plugin's threads is called begins so. */
  private static final String GROUP = "plugin-";

  private PluginThreads() {}

  /**
   * Whether a thread is a plugin's: one that the host runs it on, or one that it started from
   * there. What ends such a thread is that plugin's loss, and nobody else's.
   */
  public static boolean owns(Thread thread) {
    for (ClassLoader loader = thread.getContextClassLoader();
        loader != null;
        loader = loader.getParent()) {
      if (loader instanceof PluginClassLoader) {
        return true;
      }
    }
    for (ThreadGroup group = thread.getThreadGroup(); group != null; group = group.getParent()) {
      if (group.getName().startsWith(GROUP)) {
        return true;
      }
    }
    return false;
  }
}
