package io.cyphermesh.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Writes the reference of all settings, and the example file, from the files of defaults. */
class ConfigurationPageTest {
  private static final String PAGE = "docs/configuration.md";
  private static final String NODE = "distribution/src/main/resources/cyphermesh-defaults.conf";
  private static final String CORE =
      "core/src/main/resources/io/cyphermesh/core/node/defaults.conf";
  private static final String EXPORT =
      "core/src/main/resources/io/cyphermesh/core/plugin/export.conf";

  private static final List<String> PLUGINS =
      List.of(
          "log-watcher", "suricata-bridge", "webhook-exporter", "syslog-exporter", "lan-discovery");

  /** A map of sections that all have the same keys. */
  private static final String RULES = "rules";

  private static String conf(String name) throws IOException {
    return Files.readString(Generated.ROOT.resolve(name));
  }

  private static String ofPlugin(String id) throws IOException {
    return conf("plugins/" + id + "/src/main/resources/reference.conf");
  }

  @Test
  void everyKeyHasAComment() throws IOException {
    List<String> silent = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of(NODE, CORE, EXPORT));
    PLUGINS.forEach(id -> names.add("plugins/" + id + "/src/main/resources/reference.conf"));
    for (String name : names) {
      for (Commented key : Commented.read(conf(name))) {
        // What the keys of a rule mean is said once, for all rules.
        boolean inRule = key.isIn(RULES) && key.path().chars().filter(c -> c == '.').count() > 1;
        if (!inRule && key.text().isEmpty()) {
          silent.add(name + ": " + key.path());
        }
      }
    }
    assertThat(silent).as("keys without a comment directly above them").isEmpty();
  }

  @Test
  void thePageSaysWhatTheFilesOfDefaultsSay() throws IOException {
    Generated.section(PAGE, "node", sections(conf(NODE), "### "));
    Generated.section(PAGE, "limits", sections(conf(CORE), "### "));
    Generated.section(PAGE, "export", sections(conf(EXPORT), "### "));
    for (String id : PLUGINS) {
      Generated.section(PAGE, id, sections(ofPlugin(id), "#### "));
    }
  }

  @Test
  void theExampleIsTheFilesOfDefaultsCommentedOut() throws IOException {
    StringBuilder example =
        new StringBuilder(
            """
            # CypherMesh: every setting of a node, with its default.
            #
            # Copy what you change to cyphermesh.conf in the data directory (~/.cyphermesh), or name the file by
            # --config. The format is HOCON: JSON with comments, without most quotes, 10s, 512k, a.b.c = 1.
            #
            # A flag of 'cyphermesh run' counts before its variable, the variable before this file, this file
            # before the default. A wrong value or an unknown key stops the start with the file and the line.
            #
            # CYPHER_DATA_DIR (--data) is where this file is looked for. CYPHER_KEY_PASSPHRASE encrypts the
            # private key; it is read from the environment only, so that it never lies beside the key.
            """);
    example.append(commentedOut(conf(NODE)));
    example.append(
        "\n# Each plugin's own settings stand under its id; docs/configuration.md lists them all.\n");
    for (String id : PLUGINS) {
      example.append("#\n");
      head(ofPlugin(id))
          .filter(line -> line.startsWith("#   "))
          .forEach(line -> example.append("# ").append(line.substring(4)).append('\n'));
    }
    example.append("\n# The rest is for unusual needs.\n").append(commentedOut(conf(CORE)));
    Generated.file("distribution/src/main/conf/cyphermesh.conf.example", example.toString());
  }

  /** What a file says of itself, before its first setting. */
  private static java.util.stream.Stream<String> head(String conf) {
    return conf.lines().takeWhile(line -> line.startsWith("#"));
  }

  private static String commentedOut(String conf) {
    StringBuilder out = new StringBuilder();
    Optional<String> shown = Optional.empty();
    for (Iterator<String> lines = conf.lines().skip(head(conf).count()).iterator();
        lines.hasNext(); ) {
      String line = lines.next();
      String setting = line.strip();
      if (setting.isEmpty() || setting.startsWith("#")) {
        out.append(line).append('\n');
        shown = Optional.of(setting);
      } else {
        String key = setting.split("[ {]", 2)[0];
        // Where nothing is the default, the comment shows what something would look like.
        if (shown.filter(example -> example.startsWith("# " + key + " = ")).isEmpty()) {
          out.append(line, 0, line.indexOf(setting)).append("# ").append(setting).append('\n');
        }
      }
    }
    return out.toString();
  }

  /** A table for the keys at the top of a file, and one for those of each of its sections. */
  private static String sections(String conf, String heading) {
    List<Commented> keys = Commented.read(conf);
    Map<String, List<Commented>> bySection = new LinkedHashMap<>();
    bySection.put("", new ArrayList<>());
    for (Commented key : keys) {
      if (key.isIn(RULES)) {
        continue;
      }
      if (key.isSection() && !key.path().equals(RULES)) {
        bySection.put(key.path(), new ArrayList<>());
      } else {
        int dot = key.path().lastIndexOf('.');
        bySection
            .computeIfAbsent(dot < 0 ? "" : key.path().substring(0, dot), _ -> new ArrayList<>())
            .add(key);
      }
    }
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, List<Commented>> section : bySection.entrySet()) {
      if (!section.getKey().isEmpty()) {
        out.append('\n').append(heading).append('`').append(section.getKey());
        out.append("`\n\n");
        keys.stream()
            .filter(key -> key.path().equals(section.getKey()))
            .forEach(key -> out.append(sentence(key)).append("\n\n"));
      }
      table(out, section.getValue());
    }
    keys.stream()
        .filter(key -> key.path().equals(RULES))
        .forEach(rules -> out.append(rules(rules, keys, heading)));
    return out.toString();
  }

  private static void table(StringBuilder out, List<Commented> keys) {
    if (keys.isEmpty()) {
      return;
    }
    boolean said = keys.stream().anyMatch(key -> !key.said().isEmpty());
    out.append(said ? "| key | default | flag, variable | meaning |\n|---|---|---|---|\n" : "")
        .append(said ? "" : "| key | default | meaning |\n|---|---|---|\n");
    StringBuilder further = new StringBuilder();
    for (Commented key : keys) {
      boolean below = key.path().equals(RULES) || key.hasColumns();
      out.append("| `").append(key.path()).append("` | ");
      out.append(below || key.shown().isEmpty() ? "" : code(key.shown())).append(" | ");
      if (said) {
        out.append(
            key.said().stream().map(text -> "`" + text + "`").collect(Collectors.joining(", ")));
        out.append(" | ");
      }
      if (below) {
        out.append("below |\n");
      }
      if (key.hasColumns() && !key.path().equals(RULES)) {
        further.append("\n`").append(key.path()).append("`:\n\n");
        further.append(verbatim(key));
        key.example()
            .ifPresent(line -> further.append("For instance ").append(code(line)).append("\n"));
      } else if (!below) {
        out.append(sentence(key));
        key.example().ifPresent(line -> out.append(" For instance ").append(code(line)));
        out.append(" |\n");
      }
    }
    out.append(further);
  }

  private static String rules(Commented rules, List<Commented> keys, String heading) {
    StringBuilder out = new StringBuilder("\n" + heading + "`" + RULES + "`\n\n" + verbatim(rules));
    out.append("| rule | what it is for | on | type, severity, `high-from` | counts | ");
    out.append("`capacity`, `leak`, `cool-down` |\n|---|---|---|---|---|---|\n");
    for (Commented rule : keys) {
      if (rule.isIn(RULES) && rule.path().indexOf('.') == rule.path().lastIndexOf('.')) {
        ConfigObject values = (ConfigObject) rule.value();
        ConfigObject bucket = (ConfigObject) value(values, "bucket");
        out.append("| `").append(rule.path().substring(RULES.length() + 1)).append("` | ");
        out.append(sentence(rule)).append(" | ");
        out.append(value(values, "enabled").unwrapped()).append(" | ");
        for (String key : List.of("threat-type", "severity", "high-from")) {
          out.append(key.equals("threat-type") ? "" : ", ").append(value(values, key).unwrapped());
        }
        out.append(" | ").append(value(values, "counts").unwrapped()).append(" | ");
        for (String key : List.of("capacity", "leak", "cool-down")) {
          out.append(key.equals("capacity") ? "" : ", ").append(value(bucket, key).unwrapped());
        }
        out.append(" |\n");
      }
    }
    return out.toString();
  }

  private static ConfigValue value(ConfigObject object, String key) {
    return java.util.Objects.requireNonNull(object.get(key), key);
  }

  private static String verbatim(Commented key) {
    return "```text\n" + String.join("\n", key.text()).strip() + "\n```\n\n";
  }

  private static String sentence(Commented key) {
    String text = String.join(" ", key.text()).strip().replaceAll(" +", " ").replace("|", "\\|");
    // Pages of the documentation are linked.
    return text.replaceAll("docs/([a-z-]+\\.md)", "[$1]($1)").replace("<", "\\<");
  }

  private static String code(String text) {
    return "`" + text.replace("|", "\\|") + "`";
  }
}
