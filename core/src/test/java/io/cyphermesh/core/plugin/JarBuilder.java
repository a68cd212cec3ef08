package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Detector;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.pf4j.ExtensionPoint;
import org.slf4j.Logger;

/** Builds true plugin jars from source text. Other modules' tests have it from core's test jar. */
public final class JarBuilder {
  private static final String IMPORTS =
      """
      package plug;
      import io.cyphermesh.api.*;
      import java.util.*;
      import java.nio.file.*;
      """;

  private final Path work;
  private final Map<String, String> manifest = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final Map<String, String> sources = new LinkedHashMap<>();

  private JarBuilder(Path work, String id) {
    this.work = work;
    manifest.put("Plugin-Id", id);
    manifest.put("Plugin-Version", "1.0.0");
    manifest.put("Plugin-Provider", "Tests");
    manifest.put("Plugin-Description", "A plugin of a test");
    manifest.put("Plugin-Requires", "^0.1.0");
  }

  public static JarBuilder plugin(Path work, String id) {
    return new JarBuilder(work, id);
  }

  public JarBuilder manifest(String key, String value) {
    manifest.put(key, value);
    return this;
  }

  public JarBuilder without(String key) {
    manifest.remove(key);
    return this;
  }

  public JarBuilder entry(String name, String content) {
    entries.put(name, content.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** A class in package {@code plug}, given from its keyword on. */
  public JarBuilder source(String name, String body) {
    sources.put(name, IMPORTS + body);
    return this;
  }

  /** A class elsewhere, given whole; the path is {@code a/b/Name}. */
  public JarBuilder file(String path, String text) {
    sources.put(path, text);
    return this;
  }

  public JarBuilder service(Class<?> point, String... names) {
    return entry("META-INF/services/" + point.getName(), String.join("\n", names) + "\n");
  }

  public JarBuilder index(String... names) {
    return entry("META-INF/extensions.idx", String.join("\n", names) + "\n");
  }

  /** A detector {@code plug.D} whose {@code run} has this body. */
  public JarBuilder detector(String body) {
    return source(
            "D",
            "public class D implements Detector { public void run(DetectorContext context)"
                + " throws Exception { "
                + body
                + " } }")
        .service(Detector.class, "plug.D");
  }

  public void buildTo(Path jar) throws IOException {
    Files.createDirectories(
        jar.getParent(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path classes = Files.createTempDirectory(work, "classes");
    compile(classes);
    Manifest content = new Manifest();
    content.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.forEach((key, value) -> content.getMainAttributes().putValue(key, value));
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), content);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.put(classes.relativize(file).toString(), Files.readAllBytes(file));
      }
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new JarEntry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
    // Where the group may write all new files, no jar would be loaded.
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void compile(Path classes) throws IOException {
    if (sources.isEmpty()) {
      return;
    }
    Path root = Files.createTempDirectory(work, "sources");
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = root.resolve(source.getKey() + ".java");
      Files.createDirectories(file.getParent());
      files.add(Files.writeString(file, source.getValue()));
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      boolean good =
          compiler
              .getTask(
                  messages,
                  manager,
                  null,
                  List.of("-proc:none", "-d", classes.toString(), "-cp", contract()),
                  null,
                  manager.getJavaFileObjectsFromPaths(files))
              .call();
      assertThat(good).as(messages.toString()).isTrue();
    }
  }

  private static String contract() {
    return Stream.of(Detector.class, ExtensionPoint.class, Logger.class, NullMarked.class)
        .map(JarBuilder::place)
        .collect(Collectors.joining(System.getProperty("path.separator")));
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
