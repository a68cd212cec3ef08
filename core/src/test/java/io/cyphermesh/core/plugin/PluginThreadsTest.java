package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.DefaultPluginManager;
import org.pf4j.PluginClassLoader;

class PluginThreadsTest {

  @Test
  void aThreadOfTheNodeIsNobodyElses() {
    assertThat(PluginThreads.owns(Thread.currentThread())).isFalse();
    assertThat(PluginThreads.owns(Thread.ofVirtual().unstarted(() -> {}))).isFalse();
  }

  @Test
  void aThreadInAPluginsGroupIsThePlugins() {
    ThreadGroup group = new ThreadGroup("plugin-a");
    Thread thread = new Thread(new ThreadGroup(group, "its workers"), () -> {});
    thread.setContextClassLoader(null);
    assertThat(PluginThreads.owns(thread)).isTrue();
  }

  @Test
  void aVirtualThreadWithAPluginsClassesIsThePlugins() throws Exception {
    try (PluginClassLoader loader =
            new PluginClassLoader(
                new DefaultPluginManager(),
                new DefaultPluginDescriptor(),
                getClass().getClassLoader());
        URLClassLoader below = new URLClassLoader(new URL[0], loader)) {
      Thread thread = Thread.ofVirtual().unstarted(() -> {});
      thread.setContextClassLoader(below);
      assertThat(PluginThreads.owns(thread)).isTrue();
    }
  }
}
