package io.cyphermesh.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.settings.SettingsReader;
import io.cyphermesh.cli.terminal.CommandFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every page of the documentation. What its code blocks are is said by the language behind the
 * fence and by an HTML comment before it:
 *
 * <ul>
 *   <li>{@code sh} and {@code console} are commands: {@code <!-- run: … -->} names the test that
 *       runs them, {@code <!-- docker -->} leaves them to the walk through the containers, {@code
 *       <!-- not run: … -->} says why nobody does. {@code <!-- all: … -->} stands for all blocks of
 *       its page that have no comment of their own.
 *   <li>{@code hocon} is the content of a {@code cyphermesh.conf}, unless {@code <!-- not settings:
 *       … -->} says what else it is.
 * </ul>
 */
class DocsTest {
  private static final Set<String> LANGUAGES =
      Set.of("sh", "console", "text", "hocon", "json", "yaml", "xml", "java", "ini");
  private static final Set<String> COMMANDS = Set.of("sh", "console");
  private static final Pattern MARK = Pattern.compile("run: .+|docker|not run: .+");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^(\\$ |sudo |docker |mvn |curl |cyphermesh(-add-peer)? [a-z-]).*");
  private static final List<String> EXPORTERS = List.of("webhook-exporter", "syslog-exporter");

  private static List<Page> pages = List.of();

  @TempDir private Path folder;

  @BeforeAll
  static void readAll() throws IOException {
    pages = Page.all(Generated.ROOT);
  }

  private static String at(Page page, Page.Block block) {
    return Generated.ROOT.relativize(page.file()) + ":" + block.line();
  }

  @Test
  void everyLinkLeadsToAPageOrAPlaceThatIsThere() {
    Map<Path, Page> known =
        pages.stream().collect(Collectors.toMap(page -> page.file().normalize(), page -> page));
    List<String> broken = new ArrayList<>();
    for (Page page : pages) {
      for (String link : page.links()) {
        URI uri = URI.create(link);
        if (uri.isAbsolute()) {
          if (!uri.getScheme().equals("https")) {
            broken.add(page.file() + ": " + link + " is not https");
          }
          continue;
        }
        String path = uri.getPath();
        Path target = page.file().resolveSibling(path == null ? "" : path).normalize();
        Path file = path == null || path.isEmpty() ? page.file() : target;
        // What the archive holds: a link must not lead its reader out of it.
        boolean shipped =
            file.startsWith(Generated.ROOT.resolve("docs")) || known.containsKey(file);
        if (!shipped || !Files.exists(file)) {
          broken.add(page.file() + ": " + link + " leads nowhere");
        } else if (uri.getFragment() != null) {
          Page other = known.get(file);
          if (other == null || !other.anchors().contains(uri.getFragment())) {
            broken.add(page.file() + ": " + link + ": there is no such heading");
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void noPageIsForgotten() {
    Set<Path> linked = new TreeSet<>();
    for (Page page : pages) {
      for (String link : page.links()) {
        if (!URI.create(link).isAbsolute() && !link.startsWith("#")) {
          linked.add(page.file().resolveSibling(link.replaceAll("#.*", "")).normalize());
        }
      }
    }
    assertThat(pages)
        .extracting(Page::file)
        .filteredOn(file -> file.startsWith(Generated.ROOT.resolve("docs")))
        .filteredOn(file -> !linked.contains(file) && !linked.contains(file.getParent()))
        .isEmpty();
  }

  @Test
  void everyBlockSaysWhatItIs() {
    List<String> wrong = new ArrayList<>();
    for (Page page : pages) {
      for (Page.Block block : page.blocks()) {
        if (!LANGUAGES.contains(block.language())) {
          wrong.add(at(page, block) + ": the language '" + block.language() + "' is unknown");
        } else if (COMMANDS.contains(block.language())) {
          String mark = page.mark(block).orElse("");
          if (!MARK.matcher(mark).matches()) {
            wrong.add(at(page, block) + ": no comment says who runs it: '" + mark + "'");
          }
        } else if (block.language().equals("text") && COMMAND.matcher(block.text()).find()) {
          wrong.add(at(page, block) + ": commands are sh or console");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void settingsThatAreShownAreTaken() throws IOException {
    List<String> wrong = new ArrayList<>();
    Known known = new Known();
    for (Page page : pages) {
      for (Page.Block block : page.blocks()) {
        if (block.language().equals("hocon")
            && !block.mark().orElse("").startsWith("not settings: ")) {
          refusal(block.text(), known).ifPresent(why -> wrong.add(at(page, block) + ": " + why));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theExampleIsTakenWhenItsKeysAreNoLongerCommented() throws IOException {
    Path certificate = Files.createFile(folder.resolve("dashboard.pem"));
    String example =
        Files.readAllLines(
                Generated.ROOT.resolve("distribution/src/main/conf/cyphermesh.conf.example"))
            .stream()
            .filter(
                line -> line.matches("\\s*# ([a-z][a-z0-9.-]* (= |\\{).*|})$|# {3}[a-z-]+ = .*"))
            .map(line -> line.replaceFirst("#", ""))
            .collect(Collectors.joining("\n"))
            .replace("/opt/cyphermesh/plugins", folder.toString())
            // Only their being there is looked at.
            .replace("/etc/cyphermesh/dashboard.pem", certificate.toString())
            .replace("/etc/cyphermesh/dashboard.key", certificate.toString());
    assertThat(refusal(example, new Known())).isEmpty();
  }

  private Optional<String> refusal(String settings, Known known) throws IOException {
    Path file = Files.writeString(folder.resolve("cyphermesh.conf"), settings);
    try {
      Config config =
          new SettingsReader(Map.of("CYPHER_DATA_DIR", folder.toString()), folder, Optional.empty())
              .read(new Flags().with("--config", file.toString()))
              .config();
      for (String section : List.of("network", "limits", "mesh", "store", "plugins")) {
        if (config.hasPath(section)) {
          for (Map.Entry<String, ConfigValue> key : config.getObject(section).entrySet()) {
            Optional<String> unknown = known.unknown(section + "." + key.getKey(), key.getValue());
            if (unknown.isPresent()) {
              return unknown;
            }
          }
        }
      }
      return Optional.empty();
    } catch (CommandFailure e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The keys of the sections that the reader of settings leaves to parts of the node. */
  private static final class Known {
    private final Set<String> keys = new TreeSet<>();

    Known() throws IOException {
      add("", "distribution/src/main/resources/cyphermesh-defaults.conf");
      add("", "core/src/main/resources/io/cyphermesh/core/node/defaults.conf");
      try (var folders = Files.list(Generated.ROOT.resolve("plugins"))) {
        for (Path plugin : folders.toList()) {
          Path conf = plugin.resolve("src/main/resources/reference.conf");
          if (Files.exists(conf)) {
            String prefix = "plugins." + plugin.getFileName() + ".";
            keys.add(prefix + "enabled");
            add(prefix, Generated.ROOT.relativize(conf).toString());
          }
        }
      }
      for (String exporter : EXPORTERS) {
        add(
            "plugins." + exporter + ".export.",
            "core/src/main/resources/io/cyphermesh/core/plugin/export.conf");
      }
    }

    private void add(String prefix, String conf) throws IOException {
      Commented.read(Files.readString(Generated.ROOT.resolve(conf)))
          .forEach(key -> keys.add(general(prefix + key.path())));
    }

    /** A rule has any name. */
    private static String general(String path) {
      return path.replaceFirst("\\.rules\\.[^.]+", ".rules.*");
    }

    Optional<String> unknown(String path, ConfigValue value) {
      if (value instanceof ConfigObject object && !path.endsWith(".headers")) {
        return object.entrySet().stream()
            .map(entry -> unknown(path + "." + entry.getKey(), entry.getValue()))
            .flatMap(Optional::stream)
            .findFirst();
      }
      return keys.contains(general(path)) ? Optional.empty() : Optional.of("no setting " + path);
    }
  }

  @Test
  void variablesThatAreNamedHaveAMeaning() throws IOException {
    Set<String> named = new TreeSet<>();
    for (Page page : pages) {
      Pattern.compile("CYPHER_[A-Z0-9_]+[A-Z0-9]")
          .matcher(Files.readString(page.file()))
          .results()
          .forEach(match -> named.add(match.group()));
    }
    // The compose file's.
    named.removeAll(Set.of("CYPHER_LOG_GID"));
    Map<String, String> environment =
        named.stream().collect(Collectors.toMap(name -> name, _ -> ""));
    assertThat(
            new SettingsReader(environment, folder, Optional.empty()).read(new Flags()).warnings())
        .isEmpty();
  }
}
