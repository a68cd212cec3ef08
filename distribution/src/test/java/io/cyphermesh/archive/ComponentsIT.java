package io.cyphermesh.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cyclonedx.Version;
import org.junit.jupiter.api.Test;

/** The lists of what others wrote, against what really lies in the archive. */
class ComponentsIT {
  /** What may be shipped with a program under any licence, with its text or notice. */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "CC0-1.0",
          "EPL-2.0",
          "GPL-2.0-only WITH Classpath-exception-2.0",
          "ISC",
          "LGPL-2.1-only",
          "MIT",
          "OpenSSL",
          "public domain");

  /** The same, in words of their authors. */
  private static final Map<String, String> SAID =
      Map.of("Bouncy Castle Licence", "MIT", "Go License", "BSD-3-Clause");

  /** Licences that ask for their text; of the others the notices of each author are kept. */
  private static final Map<String, String> TEXTS =
      Map.of(
          "Apache-2.0", "Apache-2.0.txt",
          "CC0-1.0", "CC0-1.0.txt",
          "EPL-2.0", "EPL-2.0.txt",
          "LGPL-2.1-only", "LGPL-2.1.txt",
          "OpenSSL", "AWS-LC.txt");

  /** Within jars of ours, by the folder of their classes. */
  private static final Map<String, String> INSIDE =
      Map.of("com/google/re2j/", "re2j", "com/google/gson/", "gson");

  private static final Pattern ROW = Pattern.compile("\\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|");

  private static final Path HOME =
      Path.of(System.getProperty("system.launcher", "")).resolve("../..").normalize();

  @Test
  void theListOfComponentsIsValidAndTheSameEachTime() throws Exception {
    Path file = HOME.resolve("sbom.json");
    assertThat(new org.cyclonedx.parsers.JsonParser().validate(file.toFile(), Version.VERSION_16))
        .isEmpty();
    JsonObject all = sbom();
    assertThat(all.has("serialNumber")).isFalse();
    assertThat(all.getAsJsonObject("metadata").has("timestamp")).isFalse();
  }

  @Test
  void itNamesEveryJarAndNothingElse() throws IOException {
    Set<String> named = new TreeSet<>();
    for (Component each : components()) {
      // One is inside a plugin's jar, the other in the folder for authors of plugins.
      if (!each.name().equals("re2j") && !each.name().equals("cyphermesh-testkit")) {
        named.add(each.jar());
      }
    }
    named.add(program());
    assertThat(jars("lib", "lib/native", "plugins").keySet())
        .containsExactlyInAnyOrderElementsOf(named);
  }

  @Test
  void whatIsInsideOurJarsIsNamedToo() throws IOException {
    Set<String> names = new TreeSet<>(components().stream().map(Component::name).toList());
    for (Map.Entry<String, Path> each : jars("plugins").entrySet()) {
      try (JarFile jar = new JarFile(each.getValue().toFile())) {
        List<String> strange =
            jar.stream()
                .map(entry -> entry.getName())
                .filter(name -> name.endsWith(".class") && !name.startsWith("io/cyphermesh/"))
                .filter(
                    name ->
                        INSIDE.entrySet().stream()
                            .noneMatch(
                                known ->
                                    name.startsWith(known.getKey())
                                        && names.contains(known.getValue())))
                .filter(name -> !name.equals("module-info.class"))
                .filter(name -> !name.startsWith("META-INF/versions/"))
                .toList();
        assertThat(strange).as(each.getKey()).isEmpty();
      }
    }
  }

  @Test
  void everyJarOfOthersIsListedWithALicenceThatMayBeShipped() throws IOException {
    Map<String, Set<String>> listed = listed();
    for (Component each : components()) {
      if (each.ours() || each.name().equals("re2j")) {
        continue;
      }
      Set<String> licences = new TreeSet<>();
      listed.forEach(
          (glob, of) -> {
            if (each.name().matches(glob)) {
              licences.addAll(of);
            }
          });
      assertThat(licences).as("docs/third-party.md on " + each.name()).isNotEmpty();
      assertThat(each.licences()).as("licences of " + each.name()).isNotEmpty();
      assertThat(each.licences().stream().map(said -> SAID.getOrDefault(said, said)))
          .as("licences of " + each.name() + ", against docs/third-party.md")
          .isSubsetOf(licences);
    }
  }

  @Test
  void everythingListedIsThereUnderAnAllowedLicenceWithItsText() throws IOException {
    Set<String> names = new TreeSet<>(components().stream().map(Component::name).toList());
    for (Map.Entry<String, Set<String>> each : listed().entrySet()) {
      assertThat(ALLOWED).as(each.getKey()).containsAll(each.getValue());
      if (!each.getKey().startsWith("(")) {
        assertThat(names).as(each.getKey()).anyMatch(name -> name.matches(each.getKey()));
      }
      for (String licence : each.getValue()) {
        String text = TEXTS.get(licence);
        assertThat(text == null || Files.isRegularFile(HOME.resolve("licenses").resolve(text)))
            .as(licence)
            .isTrue();
      }
    }
  }

  private static JsonObject sbom() throws IOException {
    assertThat(HOME.resolve("sbom.json")).as("list of components, not made by mvn -o").exists();
    return JsonParser.parseString(Files.readString(HOME.resolve("sbom.json"))).getAsJsonObject();
  }

  private static List<Component> components() throws IOException {
    List<Component> components = new ArrayList<>();
    for (JsonElement each : sbom().getAsJsonArray("components")) {
      if (each.getAsJsonObject().has("purl")) {
        components.add(Component.of(each.getAsJsonObject()));
      }
    }
    return components;
  }

  /** The program's own jar, which the list is of. */
  private static String program() throws IOException {
    return Component.of(sbom().getAsJsonObject("metadata").getAsJsonObject("component")).jar();
  }

  private static Map<String, Path> jars(String... folders) throws IOException {
    Map<String, Path> jars = new LinkedHashMap<>();
    for (String folder : folders) {
      try (Stream<Path> files = Files.list(HOME.resolve(folder))) {
        files
            .filter(file -> file.toString().endsWith(".jar"))
            .forEach(file -> jars.put(file.getFileName().toString(), file));
      }
    }
    return jars;
  }

  /** Licences by a pattern of names, as docs/third-party.md has them. */
  private static Map<String, Set<String>> listed() throws IOException {
    Map<String, Set<String>> listed = new LinkedHashMap<>();
    for (String line : Files.readAllLines(HOME.resolve("docs/third-party.md"))) {
      Matcher row = ROW.matcher(line);
      if (!row.matches() || row.group(1).equals("library") || row.group(1).startsWith("--")) {
        continue;
      }
      Set<String> licences = new TreeSet<>();
      for (String each : row.group(3).replaceAll("\\([^)]*\\)", "").split("[;,]| or ", -1)) {
        licences.add(each.replaceFirst("^[^:]*: ", "").strip());
      }
      String names = row.group(2);
      if (!names.startsWith("`")) {
        listed.put("(" + row.group(1) + ")", licences);
        continue;
      }
      for (String name : names.split(",", -1)) {
        String glob = name.replace("`", "").strip();
        listed.put(Pattern.quote(glob).replace("*", "\\E.*\\Q") + "(-jdk18on)?", licences);
      }
    }
    return listed;
  }
}
