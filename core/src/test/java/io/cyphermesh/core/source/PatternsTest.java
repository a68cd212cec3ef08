package io.cyphermesh.core.source;

import static io.cyphermesh.core.source.FollowerHarness.append;
import static io.cyphermesh.core.source.FollowerHarness.truncate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.FollowRequest.From;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternsTest {
  @TempDir Path directory;
  private String pattern;
  private Path log;
  private final FollowerHarness follower = new FollowerHarness();

  @BeforeEach
  void names() {
    pattern = directory + "/*.log";
    log = directory.resolve("app.log");
  }

  @AfterEach
  void stop() {
    follower.close();
  }

  @Test
  void filesThatAreThereBeginWhereTheRequestSays() throws Exception {
    append(log, "old\n");
    follower.follow(From.END, pattern);
    append(log, "new\n");
    follower.awaitLines("new");
  }

  @Test
  void aFileThatAppearsIsNewFromItsStart() throws Exception {
    follower.follow(From.END, pattern);
    append(log, "first\n");
    follower.awaitLines("first");
    assertThat(follower.files).containsExactly(log);
  }

  @Test
  void aFileThatAppearedWhileNobodyFollowedIsNewFromItsStart() throws Exception {
    append(directory.resolve("other.log"), "old\n");
    follower.follow(From.END, pattern).stop();
    append(log, "first\n");
    follower.follow(From.END, pattern);
    follower.awaitLines("first");
  }

  @Test
  void aNewPatternBeginsWhereTheRequestSaysAlsoWithACheckpoint() throws Exception {
    append(directory.resolve("a.txt"), "old\n");
    follower.follow(From.END, pattern).stop();
    append(log, "first\n");
    follower.follow(From.END, pattern, directory + "/*.txt");
    follower.awaitLines("first");
  }

  @Test
  void aRestartGoesOnInEveryFile() throws Exception {
    Path other = directory.resolve("other.log");
    append(log, "one\n");
    append(other, "two\n");
    follower.follow(From.START, pattern);
    await().until(() -> follower.lines.size() == 2);
    follower.stop();
    append(other, "three\n");
    follower.follow(From.START, pattern);
    await().until(() -> follower.lines.size() == 3);
    assertThat(follower.lines.getLast()).isEqualTo("three");
  }

  @Test
  void aFileRotatedToANameThatMatchesTooIsNotReadTwice() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, pattern);
    follower.awaitLines("one");
    Path old = Files.move(log, directory.resolve("app-1.log"));
    append(log, "two\n");
    follower.awaitLines("one", "two");
    follower.awaitLooks(directory);
    append(old, "late\n");
    follower.awaitLines("one", "two", "late");
    follower.pass(TailFile.REST_HELD_FOR_WRITER);
    follower.awaitLooks(directory);
    follower.stop();
    follower.follow(From.START, pattern);
    follower.awaitLooks(directory);
    assertThat(follower.lines).containsExactly("one", "two", "late");
  }

  @Test
  void aFileRenamedWithoutASuccessorIsReadOnUnderItsNewName() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, pattern);
    follower.awaitLines("one");
    Path renamed = Files.move(log, directory.resolve("app-1.log"));
    follower.awaitLooks(directory);
    append(renamed, "two\n");
    follower.awaitLines("one", "two");
    assertThat(follower.files.getLast()).isEqualTo(renamed);
    follower.stop();
    append(renamed, "three\n");
    follower.follow(From.START, pattern);
    follower.awaitLines("one", "two", "three");
  }

  @Test
  void namesThatShiftAreFollowedByTheirFiles() throws Exception {
    Path first = directory.resolve("app-1.log");
    Path second = directory.resolve("app-2.log");
    append(first, "zero\n");
    append(log, "one\n");
    follower.follow(From.START, pattern);
    await().until(() -> follower.lines.size() == 2);
    Files.move(first, second);
    Files.move(log, first);
    append(log, "two\n");
    await().until(() -> follower.lines.contains("two"));
    follower.awaitLooks(directory);
    append(first, "late\n");
    append(second, "later\n");
    await().until(() -> follower.lines.contains("late") && follower.lines.contains("later"));
    assertThat(follower.lines).hasSize(5).doesNotHaveDuplicates();
  }

  @Test
  void namesThatShiftedWhileNobodyFollowedAreFollowedByTheirFiles() throws Exception {
    Path first = directory.resolve("app-1.log");
    Path second = directory.resolve("app-2.log");
    append(first, "zero\n");
    append(log, "one\n");
    follower.follow(From.START, pattern);
    await().until(() -> follower.lines.size() == 2);
    follower.stop();
    append(log, "rest\n");
    Files.move(first, second);
    Files.move(log, first);
    append(log, "two\n");
    follower.follow(From.START, pattern);
    await().until(() -> follower.lines.contains("two") && follower.lines.contains("rest"));
    follower.awaitLooks(directory);
    follower.pass(TailFile.REST_HELD_FOR_WRITER);
    follower.awaitLooks(directory);
    assertThat(follower.lines).hasSize(4).doesNotHaveDuplicates();
    assertThat(follower.warnings()).isEmpty();
  }

  @Test
  void theCopyOfCopytruncateIsNotReadTwiceThoughItMatches() throws Exception {
    append(log, "one\ntwo\n");
    follower.follow(From.START, pattern);
    follower.awaitLines("one", "two");
    Files.copy(log, directory.resolve("app-1.log"));
    follower.awaitLooks(directory);
    truncate(log);
    append(log, "3\n");
    follower.awaitLines("one", "two", "3");
    follower.awaitLooks(directory);
    assertThat(follower.lines).containsExactly("one", "two", "3");
  }

  @Test
  void copytruncateWhileNobodyFollowedLosesAndDoublesNothing() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, pattern);
    follower.awaitLines("one");
    follower.stop();
    append(log, "two\n");
    Files.copy(log, directory.resolve("app-1.log"));
    truncate(log);
    append(log, "3\n");
    follower.follow(From.START, pattern);
    follower.awaitLooks(directory);
    follower.pass(TailFile.REST_HELD_FOR_WRITER);
    follower.awaitLooks(directory);
    assertThat(follower.lines).containsExactlyInAnyOrder("one", "two", "3");
  }

  @Test
  void aFileWithTwoNamesIsReadOnce() throws Exception {
    append(log, "one\n");
    Files.createSymbolicLink(directory.resolve("current.log"), log);
    Files.createLink(directory.resolve("hard.log"), log);
    follower.follow(From.START, pattern, log);
    follower.awaitLooks(directory);
    append(log, "two\n");
    follower.awaitLines("one", "two");
  }

  @Test
  void compressedHiddenAndOtherThingsAreLeftAlone() throws Exception {
    Files.createDirectory(directory.resolve("folder.log"));
    append(directory.resolve(".hidden.log"), "hidden\n");
    Files.write(directory.resolve("packed.log"), new byte[] {0x1F, (byte) 0x8B, 8, 0, '\n', '\n'});
    for (String packed : List.of("a.log.gz", "a.log.xz", "a.log.zst", "a.log.bz2")) {
      append(directory.resolve(packed), "packed\n");
    }
    follower.follow(From.START, directory + "/*");
    follower.awaitLooks(directory);
    append(log, "one\n");
    follower.awaitLines("one");
  }

  @Test
  void aPatternMayNameFoldersThatAppearLater() throws Exception {
    follower.follow(From.END, directory + "/**/eve*.json", directory + "/srv-?/current/app.log");
    Path deep = Files.createDirectories(directory.resolve("a/b"));
    append(deep.resolve("eve.1.json"), "deep\n");
    follower.awaitLines("deep");
    append(directory.resolve("eve.json"), "top\n");
    follower.awaitLines("deep", "top");
    Path release = Files.createDirectories(directory.resolve("srv-1/r1"));
    Files.createSymbolicLink(directory.resolve("srv-1/current"), release);
    append(release.resolve("app.log"), "linked\n");
    follower.awaitLines("deep", "top", "linked");
  }

  @Test
  void aFileThatVanishedIsForgottenAfterADay() throws Exception {
    append(log, "one\n");
    follower.follow(From.START, pattern);
    follower.awaitLines("one");
    Files.delete(log);
    await()
        .until(
            () -> {
              follower.pass(Duration.ofHours(1));
              return !follower.checkpoint().places().containsKey(log.toString());
            });
    append(log, "two\n");
    follower.awaitLines("one", "two");
  }

  @Test
  void noMoreFilesAreFollowedThanTheLimit() throws Exception {
    for (int i = 0; i < 20; i++) {
      Path file = directory.resolve("app" + i + ".txt.log");
      append(file, i + "\n");
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L + i * 1000L));
    }
    follower.atMost(5).follow(From.START, pattern);
    follower.awaitLines("15", "16", "17", "18", "19");
    follower.awaitWarning("more files than the 5 that");
    assertThat(follower.warnings()).hasSize(1);
  }

  @Test
  void anOldFileMakesPlaceForANewOneAndIsNotReadTwice() throws Exception {
    Path old = directory.resolve("old.log");
    append(old, "old\n");
    Files.setLastModifiedTime(old, FileTime.fromMillis(1_700_000_000_000L));
    follower.atMost(1).follow(From.START, pattern);
    follower.awaitLines("old");
    append(log, "new\n");
    follower.awaitLines("old", "new");
  }

  @Test
  void theCheckpointStaysSmallWhateverTheNames() throws Exception {
    Path deep = directory;
    for (int i = 0; i < 12; i++) {
      deep = Files.createDirectory(deep.resolve("d".repeat(250)));
    }
    for (int i = 0; i < 60; i++) {
      append(deep.resolve(i + ".log"), i + "\n");
    }
    follower.follow(From.START, directory + "/**/*.log");
    follower.awaitWarning("more files than");
    follower.stop();
    assertThat(follower.checkpointBytes()).isLessThan(FollowedFiles.MAX_POSITION_BYTES + 1024);
    assertThat(follower.lines).hasSizeGreaterThan(30);
  }

  @ParameterizedTest
  @CsvSource({
    "/var/log/*.log, /var/log/app.log, true",
    "/var/log/*.log, /var/log/a/app.log, false",
    "/var/log/**/*.log, /var/log/app.log, true",
    "/var/log/**/*.log, /var/log/a/b/app.log, true",
    "/var/log/**, /var/log/a/b, true",
    "/var/log/*, /var/log/.hidden, false",
    "/var/log/*, /var/log/app.log.gz, false",
    "/var/log/eve.*.json, /var/log/eve.1.json, true",
    "/var/log/eve.[0-9].json, /var/log/eve.x.json, false",
    "'/var/log/{a,b}.log', /var/log/b.log, true",
    "/var/log/a\\*?.log, /var/log/a*b.log, true",
    "/var/log/a\\*?.log, /var/log/abb.log, false",
  })
  void aPatternCovers(String glob, Path path, boolean covered) {
    assertThat(Glob.isGlob(glob)).isTrue();
    assertThat(new Glob(glob).covers(path)).isEqualTo(covered);
  }

  @Test
  void aBackslashMakesAPatternAName() {
    assertThat(Glob.isGlob("/var/log/a\\*\\[1\\].log")).isFalse();
    assertThat(Glob.plain("/var/log/a\\*.log")).isEqualTo(Path.of("/var/log/a*.log"));
  }

  @Test
  void aBrokenPatternIsRefused() {
    assertThatThrownBy(() -> new Glob("/var/log/[a.log"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a.log");
  }

  @Test
  void networkFileSystemsThatMakeUpInodesAreKnown() {
    assertThat(NetworkFiles.mayRenumber("cifs")).isTrue();
    assertThat(NetworkFiles.mayRenumber("fuse.sshfs")).isTrue();
    assertThat(NetworkFiles.mayRenumber("nfs4")).isFalse();
    assertThat(NetworkFiles.mayRenumber("ext4")).isFalse();
  }
}
