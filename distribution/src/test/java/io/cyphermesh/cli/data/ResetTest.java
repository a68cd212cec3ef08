package io.cyphermesh.cli.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResetTest {
  @TempDir private Path folder;
  private DataDirectory data;
  private Reset reset;

  @BeforeEach
  void prepare() throws IOException {
    data = new DataDirectory(folder.resolve("data"));
    data.create();
    Files.createDirectories(data.keys());
    Files.createDirectories(data.plugins());
    Files.createDirectories(data.logs());
    for (String name :
        List.of(
            "cyphermesh.db",
            "cyphermesh.db-wal",
            "cyphermesh.conf",
            "peers.txt",
            "api-token",
            "tokens.json",
            "audit.log",
            "audit.log.1",
            "keys/private_key.pem",
            "logs/cyphermesh.log",
            "plugins/mine.jar",
            "letter.txt")) {
      Files.writeString(data.path().resolve(name), name);
    }
    reset = new Reset(data);
  }

  private void run(Reset.Scope scope) throws IOException {
    reset.delete(reset.targets(scope));
  }

  private boolean exists(String name) {
    return Files.exists(data.path().resolve(name));
  }

  @Test
  void theDatabaseGoesAndTheRestStays() throws IOException {
    run(Reset.Scope.DATABASE);
    assertThat(exists("cyphermesh.db") || exists("cyphermesh.db-wal")).isFalse();
    assertThat(exists("cyphermesh.conf") && exists("keys/private_key.pem")).isTrue();
  }

  @Test
  void theConfigurationGoesAndTheKeysStay() throws IOException {
    run(Reset.Scope.CONFIGURATION);
    assertThat(exists("cyphermesh.conf") || exists("peers.txt")).isFalse();
    assertThat(exists("cyphermesh.db") && exists("keys/private_key.pem")).isTrue();
  }

  @Test
  void allMeansKeysTooButNothingUnknown() throws IOException {
    run(Reset.Scope.ALL);
    assertThat(exists("keys") || exists("api-token") || exists("logs/cyphermesh.log")).isFalse();
    assertThat(exists("tokens.json") || exists("audit.log") || exists("audit.log.1")).isFalse();
    assertThat(exists("letter.txt") && exists("plugins/mine.jar")).isTrue();
  }

  @Test
  void aLinkIsRemovedAndItsTargetStays() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("precious"), "x");
    Files.delete(data.keys().resolve("private_key.pem"));
    Files.delete(data.keys());
    Files.createSymbolicLink(data.keys(), elsewhere);
    run(Reset.Scope.ALL);
    assertThat(elsewhere.resolve("precious")).exists();
    assertThat(exists("keys")).isFalse();
  }

  @Test
  void whatLiesElsewhereIsRefused() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> reset.delete(List.of(folder.resolve("other"))));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> reset.delete(List.of(data.path())));
  }
}
