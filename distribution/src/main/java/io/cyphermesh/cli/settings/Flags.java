package io.cyphermesh.cli.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was said on the command line, unread. */
public final class Flags {
  private final Map<String, String> values = new LinkedHashMap<>();
  private List<String> plugins = List.of();

  /** Notes a flag's value; null where the flag was not given. */
  public Flags with(String flag, @Nullable String value) {
    if (value != null) {
      values.put(flag, value);
    }
    return this;
  }

  /** Notes the values of {@code --plugins}. */
  public Flags withPlugins(List<String> folders) {
    plugins = List.copyOf(folders);
    return this;
  }

  Optional<String> value(String flag) {
    return Optional.ofNullable(values.get(flag));
  }

  List<String> plugins() {
    return plugins;
  }
}
