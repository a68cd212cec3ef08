package io.cyphermesh.testkit;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Loads a plugin's class as the node does, in a class loader of its own, and finds out whether that
 * can be collected once the plugin has stopped. One thread, one static of a shared class, one
 * shutdown hook left behind keeps it for ever.
 */
final class Isolated {
  private static final List<String> SHARED =
      List.of(
          "java.",
          "javax.",
          "jdk.",
          "sun.",
          "com.sun.",
          "org.xml.",
          "org.w3c.",
          "io.cyphermesh.api.",
          "org.pf4j.",
          "org.slf4j.",
          "org.jspecify.");

  private Isolated() {}

  /** Work with an instance of a class that was loaded anew. */
  @FunctionalInterface
  interface Use<T> {
    void with(T instance) throws Exception;
  }

  /** Uses {@code type} in a class loader of its own, and waits until that loader is collected. */
  static <T> void assertCollectable(Class<? extends T> type, Class<T> point, Use<T> use)
      throws Exception {
    WeakReference<ClassLoader> loader = used(type, point, use);
    Awaitility.await("the plugin's class loader is collected after it stopped")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              System.gc();
              return loader.get() == null;
            });
  }

  private static <T> WeakReference<ClassLoader> used(
      Class<? extends T> type, Class<T> point, Use<T> use) throws Exception {
    try (Loader loader = new Loader(classPath())) {
      Class<? extends T> again = Class.forName(type.getName(), true, loader).asSubclass(point);
      use.with(again.getDeclaredConstructor().newInstance());
      return new WeakReference<>(loader);
    }
  }

  private static URL[] classPath() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return urls.toArray(new URL[0]);
  }

  private static final class Loader extends URLClassLoader {
    Loader(URL[] urls) {
      super("plugin-under-test", urls, Isolated.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        if (SHARED.stream().anyMatch(name::startsWith)) {
          return super.loadClass(name, resolve);
        }
        return findClass(name);
      }
    }
  }
}
