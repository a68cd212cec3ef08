package io.cyphermesh.core.plugin;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pf4j.DefaultPluginFactory;
import org.pf4j.Plugin;
import org.pf4j.PluginFactory;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginWrapper;

/**
 * Wraps the optional {@code Plugin-Class} of a jar: its constructor, start and stop run on a thread
 * of their own with a time limit, and whatever they throw reaches PF4J as the one exception that it
 * handles.
 */
final class GuardedPluginFactory implements PluginFactory {
  private static final Duration START = Duration.ofSeconds(10);

  /** Plugins stop one after the other, and the node's stop is to be a matter of seconds. */
  private static final Duration STOP = Duration.ofSeconds(3);

  @Override
  public Plugin create(PluginWrapper wrapper) {
    if (wrapper.getDescriptor().getPluginClass() == null
        || wrapper.getDescriptor().getPluginClass().equals(Plugin.class.getName())) {
      return new NoPluginClass();
    }
    return new Guarded(wrapper);
  }

  /** A jar of extensions only, which is the usual one. */
  private static final class NoPluginClass extends Plugin {}

  private static final class Guarded extends Plugin {
    private final PluginWrapper pluginWrapper;
    private @Nullable Plugin plugin;

    Guarded(PluginWrapper wrapper) {
      this.pluginWrapper = wrapper;
    }

    @Override
    public void start() {
      guard(
          "start",
          START,
          () -> {
            plugin = new DefaultPluginFactory().create(pluginWrapper);
            if (plugin == null) {
              throw new PluginRuntimeException(
                  "its Plugin-Class "
                      + pluginWrapper.getDescriptor().getPluginClass()
                      + " cannot be made");
            }
            plugin.start();
          });
    }

    @Override
    public void stop() {
      guard(
          "stop",
          STOP,
          () -> {
            if (plugin != null) {
              plugin.stop();
            }
          });
    }

    private void guard(String what, Duration limit, Runnable work) {
      AtomicReference<Throwable> fault = new AtomicReference<>();
      Thread thread =
          Thread.ofPlatform()
              .group(((IsolatedClassLoader) pluginWrapper.getPluginClassLoader()).threads())
              .daemon()
              .name("plugin-" + pluginWrapper.getPluginId() + "-" + what)
              .unstarted(
                  () -> {
                    try {
                      work.run();
                    } catch (Throwable e) {
                      fault.set(e);
                    }
                  });
      thread.setContextClassLoader(pluginWrapper.getPluginClassLoader());
      thread.start();
      boolean ended;
      try {
        ended = thread.join(limit);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PluginRuntimeException("interrupted while its " + what + " ran");
      }
      if (!ended) {
        thread.interrupt();
        throw new PluginRuntimeException(
            "its Plugin-Class did not " + what + " within " + limit.toSeconds() + " s");
      }
      if (fault.get() != null) {
        throw new PluginRuntimeException(
            fault.get(),
            "{}",
            "its Plugin-Class failed to " + what + ": " + Fault.line(fault.get()));
      }
    }
  }
}
