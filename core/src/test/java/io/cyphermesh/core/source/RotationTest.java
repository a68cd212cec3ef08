package io.cyphermesh.core.source;

import static io.cyphermesh.core.source.FollowerHarness.append;
import static io.cyphermesh.core.source.FollowerHarness.truncate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.FollowRequest.From;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
  @TempDir Path directory;
  private Path log;
  private final FollowerHarness follower = new FollowerHarness();

  @BeforeEach
  void name() {
    log = directory.resolve("app.log");
  }

  @AfterEach
  void stop() {
    follower.close();
  }

  @Test
  void lateWritesToARotatedFileComeAlsoWhenItsSuccessorHasLines() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    Path old = rotateTo("app.log.1");
    append(log, "two\n");
    follower.awaitLines("one", "two");
    append(old, "late\n");
    follower.awaitLines("one", "two", "late");
  }

  @Test
  void aRestartGoesOnInTheRotatedFileAndInItsSuccessor() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    Path old = rotateTo("app.log.1");
    append(log, "two\n");
    follower.awaitLines("one", "two");
    follower.stop();
    append(old, "late\n");
    append(log, "three\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "two", "late", "three");
  }

  @Test
  void aHalfLineOfARotatedFileComesWhenNobodyCompletesIt() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    append(log, "half");
    rotateTo("app.log.1");
    append(log, "two\n");
    follower.awaitLines("one", "two");
    follower.pass(TailFile.REST_HELD);
    follower.awaitLines("one", "two", "half");
  }

  @Test
  void aHalfLineOfARotatedFileComesWholeWhenItIsCompleted() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    append(log, "half");
    Path old = rotateTo("app.log.1");
    append(log, "two\n");
    follower.awaitLines("one", "two");
    append(old, " and half\n");
    follower.awaitLines("one", "two", "half and half");
  }

  @ParameterizedTest
  @CsvSource({
    "app.log.2, app.log.1",
    "app.log.1, app.log.0",
    "app.log-20240101, app.log-20240102",
    "app-2024-01-01.log, app-2024-01-02.log",
    "app.2.log, app.1.log",
  })
  void aFileRotatedAwayBeforeItWasReadIsReadBeforeItsSuccessor(String oldest, String middle)
      throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    append(log, "two\n");
    rotateTo(oldest);
    append(log, "three\n");
    rotateTo(middle);
    append(log, "four\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "two", "three", "four");
    assertThat(follower.warnings()).isEmpty();
  }

  @Test
  void severalRotationsBetweenTwoLooksLoseNothing() throws Exception {
    append(log, "0\n");
    Path held = directory.resolve("held");
    follower.follow(
        (line, file) -> {
          follower.lines.add(line);
          // While the handler works nobody looks.
          await().until(() -> !line.equals("1") || Files.exists(held));
        },
        From.START,
        log);
    append(log, "1\n");
    await().until(() -> follower.lines.contains("1"));
    for (int i = 2; i < 6; i++) {
      shift(4);
      append(log, i + "\n");
    }
    Files.createFile(held);
    follower.awaitLines("0", "1", "2", "3", "4", "5");
  }

  @Test
  void aFileWithTheNumberOfOneThatIsGoneIsNew() throws Exception {
    append(log, "one\n");
    follower.follow(
        (line, _) -> {
          if (line.equals("three")) {
            // Before the next look, and into a file whose number is known from another content.
            rotateTo("app.log.2");
            Path old = directory.resolve("app.log.1");
            truncate(old);
            append(old, "four\n");
            append(log, "five\n");
          }
          follower.lines.add(line);
        },
        From.START,
        log);
    follower.awaitLines("one");
    Path gone = rotateTo("app.log.1");
    append(log, "two\n");
    follower.awaitLines("one", "two");
    // What has no end comes when the file is left.
    append(gone, "half");
    await()
        .until(
            () -> {
              follower.pass(TailFile.REST_HELD);
              return follower.lines.contains("half");
            });
    append(log, "three\n");
    follower.awaitLines("one", "two", "half", "three", "four", "five");
  }

  @Test
  void olderRotatedFilesAreNeverReadAgain() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    for (int i = 2; i < 6; i++) {
      shift(9);
      append(log, i + "\n");
      await().until(() -> follower.lines.contains(follower.lines.getLast()));
      String last = i + "";
      await().until(() -> follower.lines.contains(last));
      if (i % 2 == 0) {
        follower.stop();
        follower.follow(From.START, log);
      }
    }
    follower.pass(TailFile.REST_HELD);
    shift(9);
    append(log, "6\n");
    follower.awaitLines("one", "2", "3", "4", "5", "6");
  }

  @Test
  void anUnrelatedFileBesideTheLogIsNotTakenForARotatedOne() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    rotateTo("app.log.1");
    append(directory.resolve("app.log-error"), "another log\n");
    append(directory.resolve("app.log.swp"), "an editor's\n");
    append(log, "two\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "two");
  }

  @Test
  void aCompressedFileThatWasNotReadIsWarnedOfWithItsSize() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    rotateTo("app.log.2");
    append(log, "lost lines\n");
    rotateTo("app.log.1");
    pack("app.log.1");
    append(log, "three\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "three");
    follower.awaitWarning("app.log.1.gz", "11 bytes of lines are lost");
  }

  @Test
  void aCompressedFileThatWasReadPartlyIsWarnedOfWithTheRest() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    append(log, "lost\n");
    rotateTo("app.log.1");
    pack("app.log.1");
    append(log, "three\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "three");
    follower.awaitWarning("app.log.1.gz", "5 bytes of lines are lost");
  }

  @Test
  void aFileThatIsGoneAfterARestartIsWarnedOf() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    append(log, "lost\n");
    Path old = rotateTo("app.log.1");
    append(log, "other\n");
    Files.delete(old);
    follower.follow(From.START, log);
    follower.awaitLines("one", "other");
    follower.awaitWarning("behind byte 4", "is lost");
  }

  @Test
  void copytruncateLosesNothingWhereTheCopyIsLeft() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    append(log, "two\n");
    Files.copy(log, directory.resolve("app.log.1"));
    truncate(log);
    append(log, "3\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "two", "3");
    assertThat(follower.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4\n", "a line that ends behind the others\nand one more\n"})
  void copytruncateWhileALineIsHandledLosesNothing(String after) throws Exception {
    append(log, "one\ntwo\n");
    follower.follow(
        (line, _) -> {
          if (line.equals("one")) {
            append(log, "three\n");
            Files.copy(log, directory.resolve("app.log.1"));
            truncate(log);
            append(log, after);
          }
          follower.lines.add(line);
        },
        From.START,
        log);
    follower.awaitLines(("one\ntwo\nthree\n" + after).split("\n"));
    assertThat(follower.warnings()).isEmpty();
  }

  @Test
  void allCopiesThatCopytruncateMadeWhileNobodyFollowedAreRead() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    follower.stop();
    append(log, "two\n");
    Files.copy(log, directory.resolve("app.log.2"));
    truncate(log);
    append(log, "three\n");
    Files.copy(log, directory.resolve("app.log.1"));
    truncate(log);
    append(log, "4\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "two", "three", "4");
    follower.stop();
    follower.follow(From.START, log);
    append(log, "5\n");
    follower.awaitLines("one", "two", "three", "4", "5");
    assertThat(follower.warnings()).isEmpty();
  }

  @Test
  void aFileTruncatedAndGrownBeyondThePositionIsNoticedThoughItBeginsAsBefore() throws Exception {
    String header = "# the same thousand bytes in every file\n".repeat(50);
    append(log, header + "one\n");
    follower.follow(From.END, log);
    append(log, "two\n");
    follower.awaitLines("two");
    follower.stop();
    truncate(log);
    append(log, header + "three\nfour\n");
    follower.follow(From.END, log);
    await().until(() -> follower.lines.contains("four"));
    assertThat(follower.lines).endsWith("three", "four");
    follower.awaitWarning("was truncated", "lost");
  }

  @Test
  void whatIsTruncatedWithoutACopyIsWarnedOf() throws Exception {
    append(log, "one\ntwo\n");
    follower.follow(From.START, log);
    follower.awaitLines("one", "two");
    truncate(log);
    append(log, "3\n");
    follower.awaitLines("one", "two", "3");
    follower.awaitWarning("was truncated", "behind byte 8", "is lost");
  }

  @Test
  void aLinkThatMovesToTheNextFileIsFollowed() throws Exception {
    append(directory.resolve("app-2024-01-02.log"), "one\n");
    Path link = link("app-2024-01-02.log");
    follower.follow(From.START, link);
    follower.awaitLines("one");
    append(directory.resolve("app-2024-01-03.log"), "three\n");
    link("app-2024-01-03.log");
    append(directory.resolve("app-2024-01-02.log"), "two\n");
    await().until(() -> follower.lines.size() == 3);
    assertThat(follower.lines).containsExactlyInAnyOrder("one", "two", "three");
  }

  @Test
  void filesThatALinkPassedByAreReadInTheirOrder() throws Exception {
    append(directory.resolve("app-2024-01-02.log"), "one\n");
    Path link = link("app-2024-01-02.log");
    follower.follow(From.START, link);
    follower.awaitLines("one");
    follower.stop();
    append(directory.resolve("app-2024-01-02.log"), "two\n");
    append(directory.resolve("app-2024-01-03.log"), "three\n");
    append(directory.resolve("app-2024-01-04.log"), "four\n");
    link("app-2024-01-04.log");
    follower.follow(From.START, link);
    follower.awaitLines("one", "two", "three", "four");
  }

  @Test
  void aLinkedDirectoryThatMovesIsFollowed() throws Exception {
    Path first = Files.createDirectory(directory.resolve("release-1"));
    Path second = Files.createDirectory(directory.resolve("release-2"));
    append(first.resolve("app.log"), "one\n");
    Path current = directory.resolve("current");
    Files.createSymbolicLink(current, first);
    follower.follow(From.START, current.resolve("app.log"));
    follower.awaitLines("one");
    append(second.resolve("app.log"), "two\n");
    Path next = Files.createSymbolicLink(directory.resolve("next"), second);
    Files.move(next, current, StandardCopyOption.ATOMIC_MOVE);
    follower.awaitLines("one", "two");
    append(first.resolve("app.log"), "late\n");
    follower.awaitLines("one", "two", "late");
  }

  @Test
  void aFileThatCannotBeLookedAtForAWhileIsReadOn() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    Path elsewhere = rotateTo("elsewhere");
    // Fails for root, too.
    Files.createSymbolicLink(log, log);
    follower.awaitWarning("cannot look at");
    append(elsewhere, "two\n");
    follower.awaitLines("one", "two");
    follower.stop();
    follower.follow(From.START, log, directory.resolve("other.log"));
    append(elsewhere, "three\n");
    Files.move(elsewhere, log, StandardCopyOption.ATOMIC_MOVE);
    follower.awaitLines("one", "two", "three");
  }

  @Test
  void aDeletedFileIsClosedAfterAWhileAndItsNameWaitedFor() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, log);
    follower.awaitLines("one");
    Files.delete(log);
    await()
        .until(
            () -> {
              follower.pass(Duration.ofMinutes(1));
              return openFiles() == 0;
            });
    append(log, "two\n");
    follower.awaitLines("one", "two");
  }

  @Test
  void aCompressedFileIsRecognizedByItsContent() throws Exception {
    append(log, "one\n");
    pack("app.log");
    Files.move(directory.resolve("app.log.gz"), log);
    follower.follow(From.START, log);
    follower.awaitWarning("app.log is compressed");
    truncate(log);
    append(log, "plain\n");
    follower.awaitLines("plain");
  }

  @Test
  void aPipeIsNotReadAndWarnedOf() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    append(log, "one\n");
    follower.follow(From.START, pipe, log);
    follower.awaitLines("one");
    follower.awaitWarning("pipe", "a device, pipe or socket");
  }

  private long openFiles() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .filter(
              descriptor -> {
                try {
                  return Files.readSymbolicLink(descriptor).startsWith(directory.toRealPath())
                      || Files.readSymbolicLink(descriptor)
                          .toString()
                          .startsWith(directory.toRealPath().toString());
                } catch (IOException e) {
                  return false;
                }
              })
          .count();
    }
  }

  private Path link(String target) throws IOException {
    Path made = directory.resolve("made");
    Files.createSymbolicLink(made, Path.of(target));
    return Files.move(made, directory.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path rotateTo(String name) throws IOException {
    return Files.move(log, directory.resolve(name));
  }

  /** As logrotate does it: app.log.1 becomes app.log.2 and so on. */
  private void shift(int keep) throws IOException {
    for (int i = keep; i > 0; i--) {
      Path from = directory.resolve("app.log." + i);
      if (Files.exists(from)) {
        Files.move(
            from, directory.resolve("app.log." + (i + 1)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    rotateTo("app.log.1");
  }

  /** As gzip does it: the time of the original is kept. */
  private void pack(String name) throws IOException {
    Path plain = directory.resolve(name);
    Path packed = directory.resolve(name + ".gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(plain, out);
    }
    Files.setLastModifiedTime(packed, Files.getLastModifiedTime(plain));
    Files.delete(plain);
  }
}
