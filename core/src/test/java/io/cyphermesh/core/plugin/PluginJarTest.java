package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PluginJarTest {
  @TempDir private Path directory;

  @Test
  void theDefaultsOfAJarStandBehindTheOperatorsSettings() throws Exception {
    PluginJar jar = read("a = 1, b = 2, c = ${b}");
    assertThat(jar.section(ConfigFactory.parseString("plugins.a { b = 3 }")).root().unwrapped())
        .isEqualTo(ConfigFactory.parseString("a = 1, b = 3, c = 3").root().unwrapped());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include \"FILE\"",
        "include file(\"FILE\")",
        "include required(file(\"FILE\"))",
        "include required(\"FILE\")",
        "include url(\"file:FILE\")",
        "include \"file:FILE\"",
        "include classpath(\"reference.conf\")",
        "include required(classpath(\"reference.conf\"))",
        "deep { in { include \"FILE\" } }"
      })
  void nothingIsIncluded(String text) throws IOException {
    Path secret = Files.writeString(directory.resolve("secret.conf"), "secret = 1");
    assertThatThrownBy(() -> read(text.replace("FILE", secret.toString())))
        .isInstanceOf(PluginRefusedException.class)
        .hasMessageStartingWith("its reference.conf cannot be read: it includes '")
        .hasMessageEndingWith("': write the settings into it instead")
        .hasMessageNotContaining("\n");
  }

  @Test
  void noAddressIsAsked() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () ->
                  read(
                      "include url(\"http://127.0.0.1:%d/x.conf\")"
                          .formatted(server.getLocalPort())))
          .isInstanceOf(PluginRefusedException.class);
      server.setSoTimeout(100);
      assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:{", "a{", "a:[", "a=${?b}{"})
  void settingsThatAreNestedTooDeepAreRefused(String open) {
    assertThatThrownBy(() -> read(open.replace("a:[", "[").repeat(100_000)))
        .isInstanceOf(PluginRefusedException.class)
        .hasMessageStartingWith("its reference.conf cannot be read: ");
  }

  private PluginJar read(String reference) throws IOException, PluginRefusedException {
    Path jar = directory.resolve("a.jar");
    JarBuilder.plugin(directory, "a").entry("reference.conf", reference).buildTo(jar);
    return PluginJar.read(jar, false, JarStamp.of(jar));
  }
}
