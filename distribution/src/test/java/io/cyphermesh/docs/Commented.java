package io.cyphermesh.docs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A setting as a file of defaults tells of it.
 *
 * @param path its key, from the file's root
 * @param value its default
 * @param text what the comment says, line by line
 * @param said flag and variable that say the same
 * @param example what a value looks like, where there is no default
 */
record Commented(
    String path,
    ConfigValue value,
    List<String> text,
    List<String> said,
    Optional<String> example) {
  private static final Pattern SAID = Pattern.compile("   ?(--[a-z-]+|CYPHER_[A-Z0-9_]+)(, .*)?");

  /** The settings of a file in their order, a section before what is in it. */
  static List<Commented> read(String conf) {
    List<Commented> all = new ArrayList<>();
    Config config = ConfigFactory.parseString(conf);
    read(config.root(), "", all);
    return all;
  }

  private static void read(ConfigObject object, String prefix, List<Commented> all) {
    List<Map.Entry<String, ConfigValue>> inOrder =
        object.entrySet().stream()
            .sorted(Comparator.comparingInt(entry -> entry.getValue().origin().lineNumber()))
            .toList();
    for (Map.Entry<String, ConfigValue> entry : inOrder) {
      String path = prefix + entry.getKey();
      all.add(of(path, entry.getKey(), entry.getValue()));
      if (entry.getValue() instanceof ConfigObject section) {
        read(section, path + ".", all);
      }
    }
  }

  private static Commented of(String path, String key, ConfigValue value) {
    List<String> text = new ArrayList<>();
    List<String> said = new ArrayList<>();
    Optional<String> example = Optional.empty();
    for (String line : value.origin().comments()) {
      if (SAID.matcher(line).matches()) {
        said.addAll(List.of(line.strip().split(", ")));
      } else if (line.startsWith(" " + key + " = ") || line.startsWith(" " + key + " {")) {
        example = Optional.of(line.strip());
      } else {
        text.add(line.startsWith(" ") ? line.substring(1) : line);
      }
    }
    return new Commented(path, value, text, said, example);
  }

  boolean isSection() {
    return value instanceof ConfigObject object && !object.isEmpty();
  }

  /** Whether it belongs to the section {@code path}. */
  boolean isIn(String section) {
    return path.startsWith(section + ".");
  }

  /** The default as one writes it; empty where there is none. */
  String shown() {
    return switch (value) {
      case ConfigList list when list.isEmpty() -> "";
      case ConfigObject object when object.isEmpty() -> "";
      case ConfigValue none when none.valueType() == ConfigValueType.NULL -> "";
      case ConfigValue text when text.valueType() == ConfigValueType.STRING ->
          String.valueOf(text.unwrapped());
      default -> value.render(ConfigRenderOptions.concise()).replace("\",\"", "\", \"");
    };
  }

  /** Whether the comment has columns, which a table's cell cannot show. */
  boolean hasColumns() {
    return text.stream().anyMatch(line -> line.matches(" {2,}\\S.*|[a-z-]+ {3,}\\S.*"));
  }
}
