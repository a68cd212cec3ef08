package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddPeerCommandTest {
  @TempDir private Path folder;

  @Test
  void withoutANodeAPeerIsRememberedOnce() throws IOException {
    Path data = folder.resolve("data");
    Trial trial = new Trial(data);
    assertThat(trial.run("add-peer", "192.0.2.1:9001").out()).contains("is remembered");
    assertThat(trial.run("add-peer", "[2001:db8::1]:9001").code()).isZero();
    assertThat(trial.run("add-peer", "192.0.2.1:9001").out()).contains("already");
    assertThat(Files.readAllLines(data.resolve("peers.txt")))
        .containsExactly("192.0.2.1:9001", "[2001:db8::1]:9001");
  }
}
