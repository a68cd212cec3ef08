package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataOwnerTest {
  @TempDir private Path folder;
  private Path data;
  private int self;

  @BeforeEach
  void make() throws IOException {
    data = folder.resolve("data");
    Files.createDirectories(data.resolve("run"));
    self = (int) Files.getAttribute(data, "unix:uid");
  }

  @Test
  void whoseNodeItIsMayWriteThere() {
    assertThatCode(() -> DataOwner.of(data).give(data)).doesNotThrowAnyException();
    assertThatCode(() -> DataOwner.of(folder.resolve("none"), 1).give(data))
        .doesNotThrowAnyException();
  }

  @Test
  void anotherUserIsToldWhoMay() throws IOException {
    UserPrincipal owner = Files.getOwner(data);
    assertThatThrownBy(() -> DataOwner.of(data, self + 1))
        .isInstanceOf(IOException.class)
        .hasMessage("run this as %s, whose data directory %s is", owner.getName(), data);
  }

  @Test
  void whereNoNodeHasLivedWhoMayWriteMayStart() throws IOException {
    Files.delete(data.resolve("run"));
    assertThatCode(() -> DataOwner.of(data, self + 1).give(data)).doesNotThrowAnyException();
  }

  @Test
  void whatRootWritesBecomesTheirs() throws IOException {
    Path file = Files.writeString(data.resolve("plugins.pins"), "");
    UserPrincipal owner = Files.getOwner(data);
    DataOwner.of(data, 0).give(file);
    assertThat(Files.getOwner(file)).isEqualTo(owner);
  }
}
