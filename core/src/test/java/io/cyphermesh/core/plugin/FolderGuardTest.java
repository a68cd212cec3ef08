package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderGuardTest {
  @TempDir Path temporary;

  private Path directory;
  private Path plugins;
  private Path jar;

  @BeforeEach
  void makeFolders() throws IOException {
    directory = temporary.toRealPath();
    plugins = Files.createDirectories(directory.resolve("above/plugins"));
    jar = Files.createFile(plugins.resolve("a.jar"));
    permit(directory.resolve("above"), "rwxr-xr-x");
    permit(plugins, "rwxr-xr-x");
    permit(jar, "rw-r--r--");
  }

  @Test
  void whatOnlyItsOwnerMayWriteIsFine() throws IOException {
    assertThat(FolderGuard.fault(plugins)).isEmpty();
    assertThat(FolderGuard.fault(jar)).isEmpty();
    permit(plugins, "rwx------");
    assertThat(FolderGuard.fault(jar)).isEmpty();
    assertThat(FolderGuard.fault(Path.of("/"))).isEmpty();
  }

  @Test
  void aMissingFolderIsFine() {
    assertThat(FolderGuard.fault(directory.resolve("gone/for/ever"))).isEmpty();
  }

  @Test
  void aFileSystemWithoutPermissionsIsFine() throws IOException {
    URI archive = URI.create("jar:" + directory.resolve("x.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      assertThat(FolderGuard.fault(zip.getPath("/plugins"))).isEmpty();
    }
  }

  @Test
  void aFolderOrJarThatOthersMayWriteIsRefused() throws IOException {
    for (Path each : new Path[] {plugins, jar}) {
      var before = Files.getPosixFilePermissions(each);
      permit(each, "rwxr-xrwx");
      assertThat(FolderGuard.fault(each))
          .contains("every user of this machine may change it: chmod go-w " + each);
      permit(each, "rwxrwxr-x");
      assertThat(FolderGuard.fault(each)).contains("its group may change it: chmod go-w " + each);
      Files.setPosixFilePermissions(each, before);
      assertThat(FolderGuard.fault(each)).isEmpty();
    }
  }

  @Test
  void aStickyPluginsFolderIsRefusedAsWell() throws Exception {
    mode(plugins, 01777);
    assertThat(FolderGuard.fault(plugins)).isPresent();
  }

  @Test
  void aFolderThatOthersMayExchangeIsRefused() throws Exception {
    Path above = directory.resolve("above");
    permit(above, "rwxr-xrwx");
    assertThat(FolderGuard.fault(plugins))
        .contains(
            "every user of this machine may exchange it, by way of %s above it: chmod go-w %s"
                .formatted(above, above));
    mode(above, 01777);
    assertThat(FolderGuard.fault(plugins)).isEmpty();
  }

  @Test
  void theOwnersPrivateGroupMayWriteAboveOnly() throws Exception {
    Path above = directory.resolve("above");
    boolean isPrivate =
        Files.getAttribute(above, "unix:uid").equals(Files.getAttribute(above, "unix:gid"));
    permit(above, "rwxrwxr-x");
    if (isPrivate) {
      assertThat(FolderGuard.fault(plugins)).isEmpty();
      permit(plugins, "rwxrwxr-x");
      assertThat(FolderGuard.fault(plugins)).isPresent();
    }
    assumeRoot();
    Files.setAttribute(above, "unix:gid", 4711);
    permit(plugins, "rwxr-xr-x");
    assertThat(FolderGuard.fault(plugins))
        .contains(
            "a group may exchange it, by way of %s above it: chmod g-w %s".formatted(above, above));
  }

  @Test
  void theOwnerDoesNotCountSinceMountedFoldersHaveForeignOnes() throws Exception {
    assumeRoot();
    Files.setAttribute(plugins, "unix:uid", 4711);
    Files.setAttribute(jar, "unix:uid", 4712);
    assertThat(FolderGuard.fault(plugins)).isEmpty();
    assertThat(FolderGuard.fault(jar)).isEmpty();
  }

  @Test
  void whatAnybodyMayHaveMadeInAStickyFolderIsRefused() throws Exception {
    assumeRoot();
    mode(directory.resolve("above"), 01777);
    Files.setAttribute(plugins, "unix:uid", 4711);
    assertThat(FolderGuard.fault(plugins))
        .contains(
            plugins
                + " belongs to 4711, in a folder where others may write: move it, or chown it to 0");
    Files.setAttribute(plugins, "unix:uid", 0);
    assertThat(FolderGuard.fault(plugins)).isEmpty();
  }

  @Test
  void theFoldersOfSymbolicLinksCountAsWell() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    Path link = Files.createSymbolicLink(open.resolve("link"), plugins);
    Path relative =
        Files.createSymbolicLink(directory.resolve("relative"), Path.of("open/../open/./link"));
    assertThat(FolderGuard.fault(link)).isEmpty();
    assertThat(FolderGuard.fault(relative.resolve("a.jar"))).isEmpty();
    permit(open, "rwxrwxrwx");
    for (Path each : new Path[] {link, relative, relative.resolve("a.jar")}) {
      assertThat(FolderGuard.fault(each))
          .contains(
              "every user of this machine may exchange it, by way of %s above it: chmod go-w %s"
                  .formatted(open, open));
    }
    permit(open, "rwxr-xr-x");
    permit(plugins, "rwxrwxrwx");
    assertThat(FolderGuard.fault(link))
        .contains("every user of this machine may change it: chmod go-w " + plugins);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 39})
  void linksInACircleEnd(int further) throws IOException {
    Path previous = directory.resolve("0");
    for (int i = 0; i < further; i++) {
      Path next = directory.resolve(Integer.toString(i + 1));
      Files.createSymbolicLink(previous, next);
      previous = next;
    }
    Files.createSymbolicLink(previous, directory.resolve("0"));
    assertThat(FolderGuard.fault(directory.resolve("0")))
        .contains("it has more than 40 symbolic links");
  }

  private static void assumeRoot() throws IOException {
    assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0);
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static void mode(Path path, int mode) throws Exception {
    assertThat(
            new ProcessBuilder("chmod", Integer.toOctalString(mode), path.toString())
                .start()
                .waitFor())
        .isZero();
  }
}
