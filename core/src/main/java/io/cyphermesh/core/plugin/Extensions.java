package io.cyphermesh.core.plugin;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The extension classes of one jar: those in its service files and in PF4J's index, each counted
 * once for each kind.
 */
final class Extensions {
  private Extensions() {}

  /** A class that extends the node. */
  record Extension(ExtensionKind kind, Class<?> type) {}

  /**
   * Finds them.
   *
   * @throws PluginRefusedException if a class cannot be one
   */
  static List<Extension> find(PluginJar jar, ClassLoader loader) throws PluginRefusedException {
    Set<Extension> found = new LinkedHashSet<>();
    for (Map.Entry<ExtensionKind, Set<String>> service : jar.services().entrySet()) {
      for (String name : service.getValue()) {
        Class<?> type = load(name, loader);
        if (!service.getKey().point().isAssignableFrom(type)) {
          throw new PluginRefusedException(
              "its service file names " + name + ", which is no " + service.getKey().label());
        }
        found.add(new Extension(service.getKey(), type));
      }
    }
    for (String name : jar.indexed()) {
      Class<?> type = load(name, loader);
      for (ExtensionKind kind : ExtensionKind.values()) {
        if (kind.point().isAssignableFrom(type)) {
          found.add(new Extension(kind, type));
        }
      }
    }
    for (Extension extension : found) {
      requireConstructor(extension.type());
    }
    return new ArrayList<>(found);
  }

  /** Makes an extension; what its constructor throws passes. */
  static <T> T instantiate(Class<T> type) throws Throwable {
    Constructor<T> constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    try {
      return constructor.newInstance();
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static Class<?> load(String name, ClassLoader loader) throws PluginRefusedException {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
      throw new PluginRefusedException(
          "its class " + name + " cannot be loaded: " + Fault.line(e), e);
    }
  }

  private static void requireConstructor(Class<?> type) throws PluginRefusedException {
    try {
      if (Modifier.isAbstract(type.getModifiers())
          || !Modifier.isPublic(type.getDeclaredConstructor().getModifiers())) {
        throw new PluginRefusedException(
            "its class " + type.getName() + " is no class with a public constructor");
      }
    } catch (NoSuchMethodException | LinkageError e) {
      throw new PluginRefusedException(
          "its class " + type.getName() + " has no public constructor without arguments", e);
    }
  }
}
