package io.cyphermesh.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExampleTest {
  private static final Path EXAMPLE = Path.of("src", "main", "conf", "cyphermesh.conf.example");

  /** A setting that is commented, unlike a sentence about one. */
  private static final Pattern SETTING =
      Pattern.compile("^\\s*#\\s*([a-z][a-z0-9.-]* (?:=|\\{).*|})$");

  @ParameterizedTest
  @ValueSource(strings = {"/io/cyphermesh/core/node/defaults.conf", "/cyphermesh-defaults.conf"})
  void theExampleNamesEveryKeyWithItsDefault(String defaults) throws IOException {
    Config example =
        ConfigFactory.parseString(
            Files.readAllLines(EXAMPLE).stream()
                .map(SETTING::matcher)
                .filter(setting -> setting.matches())
                .map(setting -> setting.group(1))
                .collect(Collectors.joining("\n")));
    try (Reader text =
        new InputStreamReader(
            Objects.requireNonNull(ExampleTest.class.getResourceAsStream(defaults)),
            StandardCharsets.UTF_8)) {
      for (Map.Entry<String, ConfigValue> key : ConfigFactory.parseReader(text).entrySet()) {
        assertThat(example.hasPath(key.getKey())).as(key.getKey()).isTrue();
        // Where nothing is the default, the example shows what something would look like.
        if (!key.getValue().unwrapped().equals(List.of())) {
          assertThat(example.getValue(key.getKey()).unwrapped())
              .as(key.getKey())
              .isEqualTo(key.getValue().unwrapped());
        }
      }
    }
  }
}
