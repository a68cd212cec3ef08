package io.cyphermesh.core.plugin;

import java.nio.file.Path;
import java.util.List;
import org.pf4j.DefaultPluginManager;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginManager;
import org.pf4j.PluginRepository;
import org.pf4j.PluginStatusProvider;

/**
 * PF4J with what this host needs otherwise: jars that it is given one by one, an isolating class
 * loader, and plugin classes that cannot hang or kill it. Not thread-safe: the host's control
 * thread makes all calls.
 */
final class Pf4jPlugins extends DefaultPluginManager {

  Pf4jPlugins(String apiVersion) {
    super(List.<Path>of());
    setSystemVersion(apiVersion);
  }

  @Override
  protected PluginRepository createPluginRepository() {
    return new NoRepository();
  }

  @Override
  protected PluginDescriptorFinder createPluginDescriptorFinder() {
    return new ManifestPluginDescriptorFinder();
  }

  @Override
  protected PluginStatusProvider createPluginStatusProvider() {
    return new AlwaysEnabled();
  }

  @Override
  protected PluginFactory createPluginFactory() {
    return new GuardedPluginFactory();
  }

  @Override
  protected PluginLoader createPluginLoader() {
    return new IsolatingLoader(this, new ApiOnlyLoader(Pf4jPlugins.class.getClassLoader()));
  }

  /** The host looks for jars and copies them; PF4J gets their paths. */
  private static final class NoRepository implements PluginRepository {
    @Override
    public List<Path> getPluginPaths() {
      return List.of();
    }

    @Override
    public boolean deletePluginPath(Path pluginPath) {
      return false;
    }
  }

  /** The host never loads what is disabled. */
  private static final class AlwaysEnabled implements PluginStatusProvider {
    @Override
    public boolean isPluginDisabled(String pluginId) {
      return false;
    }

    @Override
    public void disablePlugin(String pluginId) {}

    @Override
    public void enablePlugin(String pluginId) {}
  }

  private record IsolatingLoader(PluginManager manager, ClassLoader parent)
      implements PluginLoader {
    @Override
    public boolean isApplicable(Path pluginPath) {
      return true;
    }

    @Override
    public ClassLoader loadPlugin(Path pluginPath, PluginDescriptor descriptor) {
      PluginClassLoader loader = new IsolatedClassLoader(manager, descriptor, parent);
      loader.addFile(pluginPath.toFile());
      return loader;
    }
  }
}
