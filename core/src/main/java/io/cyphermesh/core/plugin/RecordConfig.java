package io.cyphermesh.core.plugin;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigMemorySize;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads HOCON sections into records, one key for each component ({@code coolDown} from {@code
 * cool-down}).
 *
 * <p>Understood are {@code String}, {@code int}, {@code long}, {@code double}, {@code boolean},
 * {@link Duration}, {@link Path}, enums (in any case, hyphens for underscores), records, {@code
 * List} and {@code Map<String, …>} of these, and {@code Optional}; for the node's own sections
 * {@link ConfigMemorySize} as well. What is missing, unknown or of a wrong type is a {@link
 * SettingsException} that names the full key, where it stands, and what would be right.
 */
public final class RecordConfig {
  private RecordConfig() {}

  /**
   * Reads a section.
   *
   * @param section its content
   * @param path the section's own key, for messages, for instance {@code limits}
   * @throws SettingsException if the section does not fit the record
   */
  public static <T extends Record> T read(Config section, String path, Class<T> type) {
    return record(section.root(), path, type);
  }

  private static <T> T record(ConfigObject object, String path, Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    Map<String, RecordComponent> byKey = new LinkedHashMap<>();
    for (RecordComponent component : components) {
      byKey.put(kebab(component.getName()), component);
    }
    for (String key : new TreeSet<>(object.keySet())) {
      if (!byKey.containsKey(key)) {
        throw new SettingsException(
            at(path + "." + key, value(object, key).origin())
                + ": unknown key"
                + suggestion(key, byKey.keySet()));
      }
    }
    Object[] arguments = new Object[components.length];
    int i = 0;
    for (Map.Entry<String, RecordComponent> entry : byKey.entrySet()) {
      String key = entry.getKey();
      Type wanted = entry.getValue().getGenericType();
      String keyPath = path + "." + key;
      ConfigValue value = object.get(key);
      boolean absent = value == null || value.valueType() == ConfigValueType.NULL;
      if (wanted instanceof ParameterizedType optional && optional.getRawType() == Optional.class) {
        Type content = optional.getActualTypeArguments()[0];
        arguments[i++] =
            absent ? Optional.empty() : Optional.of(convert(value(object, key), keyPath, content));
      } else if (absent) {
        throw new SettingsException(
            at(keyPath, object.origin()) + ": missing; it is " + expected(wanted));
      } else {
        arguments[i++] = convert(value(object, key), keyPath, wanted);
      }
    }
    return construct(type, components, arguments, at(path, object.origin()));
  }

  private static ConfigValue value(ConfigObject object, String key) {
    ConfigValue value = object.get(key);
    if (value == null) {
      throw new IllegalStateException(key + " was there a moment ago");
    }
    return value;
  }

  private static <T> T construct(
      Class<T> type, RecordComponent[] components, Object[] arguments, String where) {
    try {
      Constructor<T> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException cause) {
        throw new SettingsException(where + ": " + cause.getMessage(), cause);
      }
      throw new IllegalStateException(type + " cannot be made", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  private static Object convert(ConfigValue value, String path, Type wanted) {
    if (wanted instanceof ParameterizedType generic) {
      if (generic.getRawType() == List.class) {
        return list(value, path, generic.getActualTypeArguments()[0]);
      }
      if (generic.getRawType() == Map.class
          && generic.getActualTypeArguments()[0] == String.class) {
        return map(value, path, generic.getActualTypeArguments()[1]);
      }
    }
    if (!(wanted instanceof Class<?> type)) {
      throw new IllegalStateException(path + " has a type that settings cannot have: " + wanted);
    }
    if (type.isRecord()) {
      if (value instanceof ConfigObject object) {
        return record(object, path, type);
      }
      throw wrong(value, path, wanted);
    }
    if (value instanceof ConfigObject || value instanceof ConfigList) {
      throw wrong(value, path, wanted);
    }
    return scalar(value, path, type);
  }

  private static List<Object> list(ConfigValue value, String path, Type element) {
    if (!(value instanceof ConfigList elements)) {
      throw new SettingsException(
          at(path, value.origin())
              + ": "
              + shown(value)
              + " is no list; right is [ "
              + shown(value)
              + " ], with brackets");
    }
    List<Object> list = new ArrayList<>();
    for (ConfigValue each : elements) {
      list.add(convert(each, path + "[" + list.size() + "]", element));
    }
    return Collections.unmodifiableList(list);
  }

  private static Map<String, Object> map(ConfigValue value, String path, Type content) {
    if (!(value instanceof ConfigObject object)) {
      throw new SettingsException(
          at(path, value.origin()) + ": " + shown(value) + " is no section of named values");
    }
    // Sorted: HOCON's own order is that of hashes, and rules should not change places between runs.
    Map<String, Object> map = new LinkedHashMap<>();
    for (String key : new TreeSet<>(object.keySet())) {
      ConfigValue each = value(object, key);
      if (each.valueType() != ConfigValueType.NULL) {
        map.put(key, convert(each, path + "." + key, content));
      }
    }
    return Collections.unmodifiableMap(map);
  }

  private static Object scalar(ConfigValue value, String path, Class<?> type) {
    // The library's own conversions ("30 s", "yes", numbers in quotes) hang on a Config.
    String key = "value";
    Config single = ConfigFactory.empty().withValue(key, value);
    try {
      if (type == String.class) {
        return single.getString(key);
      } else if (type == int.class || type == Integer.class) {
        requireWhole(value, path, type);
        return single.getInt(key);
      } else if (type == long.class || type == Long.class) {
        requireWhole(value, path, type);
        return single.getLong(key);
      } else if (type == double.class || type == Double.class) {
        return single.getDouble(key);
      } else if (type == boolean.class || type == Boolean.class) {
        return single.getBoolean(key);
      } else if (type == Duration.class) {
        return single.getDuration(key);
      } else if (type == ConfigMemorySize.class) {
        return single.getMemorySize(key);
      } else if (type == Path.class) {
        return Path.of(single.getString(key));
      } else if (type.isEnum()) {
        return constant(single.getString(key), value, path, type);
      }
    } catch (ConfigException | InvalidPathException e) {
      throw wrong(value, path, type);
    }
    throw new IllegalStateException(path + " has a type that settings cannot have: " + type);
  }

  private static Object constant(String name, ConfigValue value, String path, Class<?> type) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equalsIgnoreCase(name.replace('-', '_'))) {
        return constant;
      }
    }
    throw wrong(value, path, type);
  }

  /** The library cuts 3.5 to 3 in silence. */
  private static void requireWhole(ConfigValue value, String path, Class<?> type) {
    if (value.unwrapped() instanceof Double number && number != Math.rint(number)) {
      throw wrong(value, path, type);
    }
  }

  private static SettingsException wrong(ConfigValue value, String path, Type wanted) {
    return new SettingsException(
        at(path, value.origin()) + ": " + shown(value) + " is not " + expected(wanted));
  }

  private static String shown(ConfigValue value) {
    return switch (value.valueType()) {
      case OBJECT -> "a section";
      case LIST -> "a list";
      case NULL -> "null";
      case BOOLEAN, NUMBER, STRING -> "'" + value.unwrapped() + "'";
    };
  }

  private static String expected(Type wanted) {
    if (wanted instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class ? "a list" : "a section of named values";
    }
    if (!(wanted instanceof Class<?> type)) {
      return wanted.getTypeName();
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
              .map(name -> name.replace('_', '-'))
              .collect(Collectors.joining(", "));
    }
    if (type.isRecord()) {
      return "a section with "
          + Arrays.stream(type.getRecordComponents())
              .map(component -> kebab(component.getName()))
              .collect(Collectors.joining(", "));
    }
    return switch (type.getSimpleName()) {
      case "String" -> "a text";
      case "int", "Integer", "long", "Long" -> "a whole number, for instance 100";
      case "double", "Double" -> "a number, for instance 0.5";
      case "boolean", "Boolean" -> "true or false";
      case "Duration" -> "a duration, for instance 30 s or 10 minutes";
      case "ConfigMemorySize" -> "a size, for instance 4 MiB";
      case "Path" -> "a path";
      default -> type.getSimpleName();
    };
  }

  /** A key with the place where its value stands, for messages. */
  static String at(String path, ConfigOrigin origin) {
    String file = origin.filename();
    String where = file == null ? origin.description() : file;
    int line = origin.lineNumber();
    // A description may hold the line already.
    return path + " (" + where + (file == null || line < 0 ? "" : ":" + line) + ")";
  }

  private static String suggestion(String key, Collection<String> known) {
    @Nullable String closest = null;
    int least = Math.max(2, key.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(key, candidate);
      if (distance < least) {
        least = distance;
        closest = candidate;
      }
    }
    if (closest != null) {
      return "; did you mean " + closest + "?";
    }
    return known.isEmpty() ? "; none is known here" : "; known are " + String.join(", ", known);
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    Arrays.setAll(previous, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }

  private static String kebab(String name) {
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean wordStart =
          Character.isUpperCase(c)
              && i > 0
              && (!Character.isUpperCase(name.charAt(i - 1))
                  || (i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1))));
      key.append(wordStart ? "-" : "").append(Character.toLowerCase(c));
    }
    return key.toString();
  }
}
