package io.cyphermesh.hotswap;

import io.cyphermesh.api.Detector;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.core.plugin.JarBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * The jars of the churn. Each kind is compiled once, beforehand: a compiler at work beside the
 * nodes would be what is measured. What differs between jars of a kind is their manifest.
 */
final class Plugins {
  private static final String REPORT =
      "Seen.now(); context.report(Detection.of(new Indicator.Ip(\"198.51.100.7\"), \"hot-swap\","
          + " Severity.LOW).description(\"at \" + System.nanoTime()).build());";

  private static final String WAIT = "Thread.currentThread().join();";

  /** What a jar does. */
  enum Kind {
    /** Reports once, then waits to be told to stop. */
    DETECTOR,
    /** Takes all events. */
    EXPORTER,
    /** Starts threads that end when they are interrupted, and not before. */
    LEAKING,
    /** Cannot be made. */
    THROWING,
    /** Runs and fails a moment later, each time. */
    BREAKING,
    /** Is for another api. */
    OTHER_API,
    /** Is no jar. */
    GARBAGE
  }

  private final Path work;
  private final Map<Kind, Path> compiled = new EnumMap<>(Kind.class);

  Plugins(Path work) throws IOException {
    this.work = Files.createDirectories(work);
    compile(Kind.DETECTOR, plugin().detector(REPORT + WAIT));
    compile(
        Kind.EXPORTER,
        plugin()
            .source(
                "E",
                "public class E implements Exporter { static { Seen.now(); }"
                    + " public void export(ExportBatch batch) {} }")
            .service(Exporter.class, "plug.E"));
    compile(
        Kind.LEAKING,
        plugin()
            .detector(
                REPORT
                    + "for (int i = 0; i < 3; i++) { new Thread(() -> { try {"
                    + WAIT
                    + "} catch (InterruptedException e) { /* the end */ } }).start(); }"
                    + WAIT));
    compile(
        Kind.THROWING,
        plugin()
            .source(
                "D",
                "public class D implements Detector { public D() { Seen.now(); throw new"
                    + " IllegalStateException(\"not in this version\"); } public void"
                    + " run(DetectorContext context) {} }")
            .service(Detector.class, "plug.D"));
    compile(
        Kind.BREAKING,
        plugin().detector(REPORT + "if (true) throw new IllegalStateException(\"it broke\");"));
    compile(
        Kind.OTHER_API, plugin().manifest("Plugin-Requires", "^99.0.0").detector("Seen.now();"));
  }

  private JarBuilder plugin() {
    return JarBuilder.plugin(work, "template").source("Seen", Loaders.SOURCE);
  }

  private void compile(Kind kind, JarBuilder jar) throws IOException {
    Path file = work.resolve(kind.name());
    jar.buildTo(file);
    compiled.put(kind, file);
  }

  /** A jar of a kind. */
  Path jar(Kind kind, String id, String version) throws IOException {
    Path file = work.resolve(id + "-" + version + ".jar");
    Path template = compiled.get(kind);
    if (template == null) {
      return Files.writeString(file, ("this is no jar " + version).repeat(500));
    }
    try (JarInputStream in = new JarInputStream(Files.newInputStream(template))) {
      Manifest manifest = in.getManifest();
      manifest.getMainAttributes().putValue("Plugin-Id", id);
      manifest.getMainAttributes().putValue("Plugin-Version", version);
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
        for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
          out.putNextEntry(new JarEntry(entry.getName()));
          in.transferTo(out);
          out.closeEntry();
        }
      }
    }
    return file;
  }
}
