package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResetCommandTest {
  @TempDir private Path folder;
  private Path config;
  private Trial trial;

  @BeforeEach
  void prepare() throws IOException {
    config = Files.writeString(folder.resolve("cyphermesh.conf"), "port = 9001");
    trial = new Trial(folder);
  }

  @Test
  void whoTypesYesIsObeyed() {
    Trial.Outcome outcome = trial.typing("yes\n").run("reset", "--config");
    assertThat(outcome.code()).isZero();
    assertThat(config).doesNotExist();
  }

  @Test
  void anythingElseDeletesNothing() {
    Trial.Outcome outcome = trial.typing("y\n").run("reset", "--config");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(config).exists();
  }

  @Test
  void withoutATerminalItAsksForTheFlag() {
    Trial.Outcome outcome = trial.piping("yes\n").run("reset", "--config");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--yes");
    assertThat(config).exists();
    assertThat(trial.run("reset", "--config", "--yes").code()).isZero();
    assertThat(config).doesNotExist();
  }

  @Test
  void aRunningNodeKeepsItsFiles() throws IOException {
    try (NodeLock lock = NodeLock.tryAcquire(new DataDirectory(folder)).orElseThrow()) {
      assertThat(lock).isNotNull();
      Trial.Outcome outcome = trial.run("reset", "--config", "--yes");
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err()).contains("stop it first");
    }
    assertThat(config).exists();
  }

  @Test
  void aFolderOfSomethingElseIsLeftAlone() throws IOException {
    Files.delete(config);
    Path keys = Files.createDirectory(folder.resolve("keys"));
    Trial.Outcome outcome = trial.run("reset", "--all", "--yes");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("no data directory");
    assertThat(keys).exists();
  }
}
