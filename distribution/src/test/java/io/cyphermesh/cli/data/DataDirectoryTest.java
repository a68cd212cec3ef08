package io.cyphermesh.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {
  @TempDir private Path home;

  @ParameterizedTest
  @ValueSource(strings = {"", "run", "logs", "plugins-data", "plugins-running"})
  void whatANodeMakesIsItsOwnersAlone(String folder) throws IOException {
    DataDirectory data = new DataDirectory(home.resolve("data"));
    data.createFolders();

    assertThat(mode(data.path().resolve(folder))).isEqualTo("rwx------");
  }

  @Test
  void theFolderOfPluginsIsItsOwnersAloneAndKeepsTheModeThatItHas() throws IOException {
    DataDirectory data = new DataDirectory(home.resolve("data"));
    data.create();
    data.createPlugins();
    assertThat(mode(data.plugins())).isEqualTo("rwx------");

    Files.setPosixFilePermissions(data.plugins(), PosixFilePermissions.fromString("rwxr-xr-x"));
    data.createPlugins();
    assertThat(mode(data.plugins())).isEqualTo("rwxr-xr-x");
  }

  @Test
  void aDataDirectoryThatIsThereKeepsItsModeButItsFoldersAreClosed() throws IOException {
    Path wide = Files.createDirectory(home.resolve("wide"));
    Files.setPosixFilePermissions(wide, PosixFilePermissions.fromString("rwxr-xr-x"));
    new DataDirectory(wide).createFolders();

    assertThat(mode(wide)).isEqualTo("rwxr-xr-x");
    assertThat(mode(wide.resolve("logs"))).isEqualTo("rwx------");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
