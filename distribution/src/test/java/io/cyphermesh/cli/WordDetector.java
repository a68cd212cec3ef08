package io.cyphermesh.cli;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A detector of the tests: lines {@code attack ADDRESS}, while {@code WORD} can be set. */
public final class WordDetector implements Detector {

  /** Its settings. */
  public record Words(String word) {}

  @Override
  public void run(DetectorContext context) throws Exception {
    String word = context.config(Words.class).word();
    context.follow(
        new FollowRequest(List.of("/nowhere"), FollowRequest.From.END),
        (line, _) -> {
          if (!line.startsWith(word + " ")) {
            context.trace(line, "", "no " + word);
            return;
          }
          context.matched();
          context.trace(line, "word-rule", "reported");
          context.report(
              Detection.of(
                      new Indicator.Ip(line.substring(word.length() + 1)),
                      "test-attack",
                      Severity.HIGH)
                  .rule("word-rule")
                  .count(3)
                  .firstSeen(context.clock().instant())
                  .lastSeen(context.clock().instant())
                  .technique("T1110.001")
                  .target(Detection.Target.of(22, "tcp", "ssh"))
                  .build());
        });
  }

  /** Writes it as the plugin {@code words} into a folder. */
  static void install(Path folder) throws IOException {
    // Where the group may write all new files, nothing would be loaded.
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    write(folder.resolve("words.jar"), Map.of("Plugin-Id", "words", "Plugin-Version", "1.0.0"));
  }

  /** Writes it as a plugin of other attributes, in place of what is there. */
  static void write(Path file, Map<String, String> attributes) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.forEach(main::putValue);
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Class<?> type : List.of(WordDetector.class, Words.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        try (InputStream in =
            Objects.requireNonNull(WordDetector.class.getResourceAsStream("/" + name))) {
          add(jar, name, in.readAllBytes());
        }
      }
      add(
          jar,
          "META-INF/services/" + Detector.class.getName(),
          WordDetector.class.getName().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      add(jar, "reference.conf", "word = attack".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private static void add(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(content);
    jar.closeEntry();
  }
}
