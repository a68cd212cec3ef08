package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class PinFileTest {
  private static final String A = "0123456789abcdef".repeat(4);
  private static final String B = "fedcba9876543210".repeat(4);

  @TempDir Path directory;

  @Test
  void whatIsAddedIsPinnedUntilItIsRemoved() throws IOException {
    PinFile pins = new PinFile(directory);
    assertThat(pins.contains(A)).isFalse();
    assertThat(pins.add(A.toUpperCase(Locale.ROOT), "a.jar")).isTrue();
    assertThat(pins.add(A, "again.jar")).isFalse();
    assertThat(pins.add(B, "b\nc.jar")).isTrue();
    assertThat(pins.contains(A)).isTrue();
    assertThat(Files.readString(pins.path())).isEqualTo(A + "  a.jar\n" + B + "  b?c.jar\n");
    assertThat(Files.getPosixFilePermissions(pins.path()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(pins.remove(A)).isTrue();
    assertThat(pins.remove(A)).isFalse();
    assertThat(pins.contains(A)).isFalse();
    assertThat(pins.contains(B)).isTrue();
  }

  @Test
  void whatAnotherProcessWritesIsSeenAtOnce() throws IOException {
    PinFile pins = new PinFile(directory);
    pins.add(A, "a.jar");
    assertThat(pins.contains(B)).isFalse();
    new PinFile(directory).add(B, "b.jar");
    assertThat(pins.contains(B)).isTrue();
    write(B.replace('f', 'e') + "  same length");
    assertThat(pins.contains(B)).isFalse();
    Files.delete(pins.path());
    assertThat(pins.contains(A)).isFalse();
  }

  @Test
  void whatSha256sumPrintsIsRead() throws Exception {
    Path jar = Files.writeString(directory.resolve("back\\slash.jar"), "content");
    Process sum =
        new ProcessBuilder("sha256sum", jar.toString()).redirectOutput(write("").toFile()).start();
    assertThat(sum.waitFor()).isZero();
    assertThat(
            new PinFile(directory)
                .contains("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"))
        .isTrue();
  }

  @Test
  void aBrokenLineIsLeftOutWithOneWarningAndKept() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(PinFile.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      String text = "# mine\n\n" + A + " *a.jar\n" + A.substring(1) + "  cut.jar\n";
      Path file = write(text);
      PinFile pins = new PinFile(directory);
      assertThat(pins.contains(A)).isTrue();
      assertThat(pins.contains(B)).isFalse();
      assertThat(log.list)
          .singleElement()
          .extracting(ILoggingEvent::getFormattedMessage)
          .asString()
          .startsWith(file + ":4: '" + A.substring(1) + "  cut.jar' is left out");
      pins.add(B, "b.jar");
      assertThat(Files.readString(file)).isEqualTo(text + B + "  b.jar\n");
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void aFileThatOthersMayWritePinsNothing() throws IOException {
    PinFile pins = new PinFile(directory);
    pins.add(A, "a.jar");
    Files.setPosixFilePermissions(pins.path(), PosixFilePermissions.fromString("rw-rw----"));
    assertThatThrownBy(() -> pins.contains(A))
        .isInstanceOf(IOException.class)
        .hasMessage("others may write %s: chmod go-w %s", pins.path(), pins.path());
  }

  @Test
  void aFileOfAbsurdSizeIsNotRead() throws IOException {
    write("#".repeat(1024 * 1024 + 1));
    assertThatThrownBy(() -> new PinFile(directory).contains(A))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has more than 1048576 bytes");
  }

  @Test
  void whatIsNoHashIsNotPinned() {
    PinFile pins = new PinFile(directory);
    assertThatThrownBy(() -> pins.add("abc", "a.jar"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'abc' is no SHA-256");
    assertThatThrownBy(() -> pins.remove(A + "\n")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pinsOfManyThreadsAreAllKept() throws Exception {
    PinFile pins = new PinFile(directory);
    List<String> hashes =
        IntStream.range(0, 40).mapToObj(i -> String.format(Locale.ROOT, "%064x", i)).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      threads.invokeAll(
          hashes.stream().map(hash -> (Callable<Boolean>) () -> pins.add(hash, "x")).toList());
    }
    for (String hash : hashes) {
      assertThat(pins.contains(hash)).as(hash).isTrue();
    }
  }

  /** As somebody would by hand. */
  private Path write(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("plugins.pins"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }
}
