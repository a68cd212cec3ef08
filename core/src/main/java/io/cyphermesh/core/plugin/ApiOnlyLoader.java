package io.cyphermesh.core.plugin;

import java.util.List;

/**
 * The parent of every plugin's class loader: shows the contract and the JDK, and nothing of the
 * node. So a plugin's own libraries never meet the node's, and the node's can change.
 */
final class ApiOnlyLoader extends ClassLoader {
  private static final List<String> SHARED =
      List.of(
          "io.cyphermesh.api.",
          "org.pf4j.",
          "org.slf4j.",
          "org.jspecify.",
          "com.google.errorprone.annotations.");

  private final ClassLoader host;

  ApiOnlyLoader(ClassLoader host) {
    super("plugin-api", ClassLoader.getPlatformClassLoader());
    this.host = host;
  }

  /** Whether a class comes from the node also where a plugin's jar holds a copy of it. */
  static boolean shared(String className) {
    return SHARED.stream().anyMatch(className::startsWith);
  }

  /** Asked only after the platform's loader; resources come from there alone. */
  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (shared(name)) {
      return host.loadClass(name);
    }
    throw new ClassNotFoundException(name);
  }
}
