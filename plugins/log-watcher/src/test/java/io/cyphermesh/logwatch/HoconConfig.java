package io.cyphermesh.logwatch;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads records from HOCON by the rules of {@code PluginContext.config}. */
final class HoconConfig {

  private HoconConfig() {}

  static Settings settings(String overrides) {
    Config config =
        ConfigFactory.parseString(overrides)
            .withFallback(ConfigFactory.parseResources("reference.conf"))
            .resolve();
    return read(config, Settings.class);
  }

  private static <T> T read(Config config, Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    Set<String> unknown = new TreeSet<>(config.root().keySet());
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = kebab(components[i].getName());
      unknown.remove(key);
      types[i] = components[i].getType();
      values[i] = value(config, key, components[i].getGenericType());
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("unknown keys " + unknown);
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object value(Config config, String key, Type type) {
    if (type instanceof ParameterizedType generic) {
      Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
      if (generic.getRawType() == Optional.class) {
        return config.hasPath(key) ? Optional.of(value(config, key, last)) : Optional.empty();
      }
      if (generic.getRawType() == List.class) {
        return config.getStringList(key);
      }
      Map<String, Object> map = new LinkedHashMap<>();
      Config section = config.getConfig(key);
      for (String name : section.root().keySet()) {
        map.put(name, value(section, '"' + name + '"', last));
      }
      return map;
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isRecord()) {
      return read(config.getConfig(key), raw);
    }
    if (raw.isEnum()) {
      String name = config.getString(key).toUpperCase(Locale.ROOT).replace('-', '_');
      for (Object constant : raw.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(name)) {
          return constant;
        }
      }
      throw new IllegalArgumentException(key + " is none of its terms: " + name);
    }
    if (raw == int.class) {
      return config.getInt(key);
    }
    if (raw == boolean.class) {
      return config.getBoolean(key);
    }
    if (raw == Duration.class) {
      return config.getDuration(key);
    }
    return config.getString(key);
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
