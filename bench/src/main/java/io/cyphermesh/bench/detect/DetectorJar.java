package io.cyphermesh.bench.detect;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Detector;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** A detector's jar in a class loader of its own, which shows it what a node would show it. */
final class DetectorJar implements AutoCloseable {
  private static final String SERVICE = "META-INF/services/" + Detector.class.getName();

  private final Path file;
  private final String id;
  private final URLClassLoader loader;

  private DetectorJar(Path file, String id, URLClassLoader loader) {
    this.file = file;
    this.id = id;
    this.loader = loader;
  }

  /**
   * Opens the jar of a plugin.
   *
   * @param folder of plugins
   * @throws IOException if none there has the id
   */
  static DetectorJar of(Path folder, String id) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jar")).sorted().toList()) {
        if (pluginId(file).filter(id::equals).isPresent()) {
          return new DetectorJar(
              file, id, new URLClassLoader(new URL[] {file.toUri().toURL()}, new ContractOnly()));
        }
      }
    }
    throw new IOException("no jar in " + folder + " is the plugin " + id);
  }

  private static Optional<String> pluginId(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      return Optional.ofNullable(jar.getManifest())
          .map(manifest -> manifest.getMainAttributes().getValue("Plugin-Id"));
    }
  }

  String id() {
    return id;
  }

  ClassLoader loader() {
    return loader;
  }

  /** The settings that the plugin brings. */
  Config reference() throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      var entry = jar.getEntry("reference.conf");
      if (entry == null) {
        return ConfigFactory.empty();
      }
      try (InputStreamReader text =
          new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8)) {
        return ConfigFactory.parseReader(text);
      }
    }
  }

  /** A new instance of its first detector. */
  Detector detector() throws IOException {
    try (InputStream names = loader.getResourceAsStream(SERVICE)) {
      if (names == null) {
        throw new IOException(file + " names no detector in " + SERVICE);
      }
      List<String> classes =
          new String(names.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceFirst("#.*", "").strip())
              .filter(line -> !line.isEmpty())
              .toList();
      return loader
          .loadClass(classes.getFirst())
          .asSubclass(Detector.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IOException(file + ": its detector cannot be made: " + e, e);
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }

  /** The contract and the JDK, and nothing else of the class path. */
  private static final class ContractOnly extends ClassLoader {
    private static final List<String> SHARED =
        List.of("io.cyphermesh.api.", "org.pf4j.", "org.slf4j.", "org.jspecify.");

    ContractOnly() {
      super("contract", getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (SHARED.stream().anyMatch(name::startsWith)) {
        return DetectorJar.class.getClassLoader().loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }
}
