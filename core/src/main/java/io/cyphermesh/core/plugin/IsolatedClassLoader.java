package io.cyphermesh.core.plugin;

import java.io.IOException;
import org.pf4j.ClassLoadingStrategy;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginManager;

/**
 * A plugin's class loader: the jar's own classes first, but never a twin of the contract's types.
 * It also owns the thread group in which all of the plugin's platform threads are born.
 */
final class IsolatedClassLoader extends PluginClassLoader {
  private final ThreadGroup threads;
  private volatile boolean keptOpen;

  IsolatedClassLoader(PluginManager manager, PluginDescriptor descriptor, ClassLoader parent) {
    super(manager, descriptor, parent, ClassLoadingStrategy.PDA);
    this.threads = new ThreadGroup("plugin-" + descriptor.getPluginId());
  }

  /** The group of an extension's threads, which those that it starts itself inherit. */
  static ThreadGroup threads(Class<?> type) {
    return type.getClassLoader() instanceof IsolatedClassLoader own ? own.threads : currentGroup();
  }

  private static ThreadGroup currentGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    if (group == null) {
      throw new IllegalStateException("a thread that has ended asks");
    }
    return group;
  }

  ThreadGroup threads() {
    return threads;
  }

  /**
   * Has {@link #close} do nothing: a thread that still runs in these classes would only get errors
   * that explain nothing.
   */
  void keepOpen() {
    keptOpen = true;
  }

  @Override
  public void close() throws IOException {
    if (!keptOpen) {
      super.close();
    }
  }

  /** Closes it after all, now that nothing runs in it any more. */
  void closeAtLast() throws IOException {
    super.close();
  }

  @Override
  protected boolean shouldDelegateToParent(String className) {
    return ApiOnlyLoader.shared(className);
  }
}
