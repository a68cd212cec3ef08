package io.cyphermesh.core.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.FollowRequest.From;
import io.cyphermesh.api.LineHandler;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFollowerTest {
  private static final FollowSettings FAST =
      new FollowSettings(Duration.ofMillis(5), Duration.ofSeconds(5), false);

  @TempDir Path directory;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Sink sink = new Sink();
  private final Collected collected = new Collected();
  private final List<Following> running = new ArrayList<>();
  private int skippedLines;
  private final FailedLine failedLine = new FailedLine(() -> skippedLines++);

  @AfterEach
  void stopAll() throws InterruptedException {
    for (Following following : running) {
      following.stop();
    }
  }

  @Test
  void linesAppendedAfterTheStartArriveInOrder() throws Exception {
    Path log = file("old\n");
    follow(log, From.END);
    append(log, "one\ntwo\n");
    append(log, "three\n");
    awaitLines("one", "two", "three");
  }

  @Test
  void fromStartReadsWhatIsThereAlready() throws Exception {
    Path log = file("old\n");
    follow(log, From.START);
    awaitLines("old");
  }

  @Test
  void aLineBegunBeforeTheStartComesWholeOnceItIsComplete() throws Exception {
    Path log = file("old\nbeg");
    follow(log, From.END);
    append(log, "un\n");
    awaitLines("begun");
  }

  @Test
  void aFileThatAppearsLaterIsReadFromItsStart() throws Exception {
    Path log = directory.resolve("later.log");
    follow(log, From.END);
    Files.writeString(log, "first\n");
    awaitLines("first");
  }

  @Test
  void aFileThatAppearedWhileNobodyFollowedIsReadFromItsStart() throws Exception {
    Path log = directory.resolve("later.log");
    follow(log, From.END).stop();
    Files.writeString(log, "first\n");
    follow(log, From.END);
    awaitLines("first");
  }

  @Test
  void aFileThatCannotBeReadAtTheFirstStartIsReadFromItsEndOnceItCan() throws Exception {
    Path log = unreadable();
    Path other = Files.createFile(directory.resolve("other.log"));
    follow(new FollowRequest(List.of(other.toString(), log.toString()), From.END), collected);
    becomesReadable(log, "old\n");
    await().until(() -> isOpen(log));
    // Its turn comes after the one that opened the log.
    append(other, "next turn\n");
    awaitLines("next turn");
    append(log, "new\n");
    awaitLines("next turn", "new");
  }

  @Test
  void aFileThatCannotBeReadAtTheFirstStartIsReadFromItsEndAfterARestartToo() throws Exception {
    Path log = unreadable();
    Path other = Files.createFile(directory.resolve("other.log"));
    FollowRequest both = new FollowRequest(List.of(other.toString(), log.toString()), From.END);
    follow(both, collected).stop();
    follow(both, collected).stop();
    becomesReadable(log, "old\n");
    follow(both, collected);
    append(log, "new\n");
    awaitLines("new");
  }

  @Test
  void whatComesInPlaceOfAnUnreadableFileIsReadFromItsStart() throws Exception {
    Path log = unreadable();
    Path other = Files.createFile(directory.resolve("other.log"));
    FollowRequest both = new FollowRequest(List.of(other.toString(), log.toString()), From.END);
    follow(both, collected).stop();
    Files.delete(log);
    follow(both, collected).stop();
    Files.writeString(log, "first\n");
    follow(both, collected);
    awaitLines("first");
  }

  @Test
  void thePlaceOfAFileThatWaitsToBeReadIsKeptInTheCheckpoint() throws Exception {
    FollowCheckpoint checkpoint =
        new FollowCheckpoint(
            Map.of(
                "/var/log/a",
                new FollowCheckpoint.Place(
                    false, FollowCheckpoint.Position.atEndOf("(dev=1,ino=2)"), List.of())),
            List.of(),
            false,
            Optional.empty());
    assertThat(FollowCheckpoint.decode(checkpoint.encode())).isEqualTo(checkpoint);
  }

  @Test
  void aPartialLineIsHeldBackUntilItsNewline() throws Exception {
    Path log = file("");
    follow(log, From.END);
    append(log, "done\npart");
    awaitLines("done");
    append(log, "ial\n");
    awaitLines("done", "partial");
  }

  @Test
  void carriageReturnsNulsAndBadUtf8AreCleaned() throws Exception {
    Path log = file("");
    follow(log, From.END);
    append(log, "dos\r\nn\0ul\0\n\n");
    Files.write(log, new byte[] {'a', (byte) 0xFF, 'b', '\n'}, StandardOpenOption.APPEND);
    append(log, "grün\n");
    awaitLines("dos", "nul", "", "a\uFFFDb", "grün");
  }

  @Test
  void aTooLongLineComesOnceCutAndTheNextOneWhole() throws Exception {
    Path log = file("");
    follow(log, From.END);
    append(log, "x".repeat(700_000));
    append(log, "y".repeat(700_000) + "\nnext\n" + "z".repeat(100_000) + "\nlast\n");
    await().until(() -> collected.lines.size() >= 4);
    assertThat(collected.lines)
        .containsExactly("x".repeat(64 * 1024), "next", "z".repeat(64 * 1024), "last");
  }

  @Test
  void aCutNeverSplitsACharacter() throws Exception {
    Path log = file("");
    follow(log, From.END);
    append(log, "a" + "ü".repeat(40_000) + "\n");
    awaitLines("a" + "ü".repeat(32_767));
  }

  @Test
  void renameRotationLosesNoLine() throws Exception {
    Path log = file("");
    follow(log, From.END);
    append(log, "one\n");
    awaitLines("one");
    Path rotated = directory.resolve("app.log.1");
    Files.move(log, rotated);
    append(rotated, "two\n");
    awaitLines("one", "two");
    append(rotated, "three\n");
    Files.writeString(log, "four\n");
    awaitLines("one", "two", "three", "four");
    append(log, "five\n");
    awaitLines("one", "two", "three", "four", "five");
  }

  @Test
  void theOldFileIsReadAsLongAsItsSuccessorIsEmpty() throws Exception {
    Path log = file("");
    follow(log, From.END);
    Path rotated = directory.resolve("app.log.1");
    Files.move(log, rotated);
    Files.createFile(log);
    append(rotated, "the writer has not reopened yet\n");
    awaitLines("the writer has not reopened yet");
    append(log, "now it has\n");
    awaitLines("the writer has not reopened yet", "now it has");
  }

  @Test
  void anOldFileIsClosedWhenNobodyWroteToItForAnHour() throws Exception {
    Path log = file("one\n");
    follow(log, From.START);
    awaitLines("one");
    Path rotated = directory.resolve("app.log.1");
    Files.move(log, rotated);
    Files.createFile(log);
    // Whether the old file is still held shows in whether a line written to it arrives.
    append(rotated, "held\n");
    awaitLines("one", "held");
    await()
        .until(
            () -> {
              now.updateAndGet(time -> time.plusSeconds(3601));
              return !isOpen(rotated.toRealPath());
            });
  }

  @Test
  void copyTruncateIsNoticedBySize() throws Exception {
    Path log = file("");
    follow(log, From.END);
    append(log, "a rather long first line\n");
    awaitLines("a rather long first line");
    truncate(log);
    append(log, "new\n");
    awaitLines("a rather long first line", "new");
  }

  @Test
  void aFileTruncatedAndRefilledBeyondThePositionIsReadFromItsStart() throws Exception {
    Path log = file("one\n");
    follow(log, From.START);
    awaitLines("one");
    Files.writeString(log, "two\nthree\n", StandardOpenOption.TRUNCATE_EXISTING);
    await().until(() -> collected.lines.contains("three"));
    assertThat(collected.lines).containsExactly("one", "two", "three");
  }

  @Test
  void theHoleThatAWriterLeavesAfterTruncationIsSkipped() throws Exception {
    Path log = file("one\n".repeat(1000));
    follow(log, From.END).stop();
    truncate(log);
    try (RandomAccessFile writer = new RandomAccessFile(log.toFile(), "rw")) {
      writer.seek(600_000);
      writer.write("after the hole\n".getBytes(StandardCharsets.UTF_8));
    }
    follow(log, From.END);
    awaitLines("after the hole");
  }

  @Test
  void aRestartGoesOnBehindTheLastLine() throws Exception {
    Path log = file("");
    Following first = follow(log, From.END);
    append(log, "one\ntwo\n");
    awaitLines("one", "two");
    first.stop();
    append(log, "three\n");
    follow(log, From.END);
    awaitLines("one", "two", "three");
  }

  @Test
  void aFileRotatedWhileNobodyFollowedIsReadToItsEndFirst() throws Exception {
    Path log = file("");
    Following first = follow(log, From.END);
    append(log, "one\n");
    awaitLines("one");
    first.stop();
    append(log, "two\n");
    Files.move(log, directory.resolve("app.log.1"));
    Files.writeString(log, "three\n");
    follow(log, From.END);
    awaitLines("one", "two", "three");
  }

  @Test
  void aFileReplacedWhileNobodyFollowedIsReadFromItsStart() throws Exception {
    Path log = file("one\n");
    Following first = follow(log, From.START);
    awaitLines("one");
    first.stop();
    Files.delete(log);
    Files.writeString(log, "an inode that may be the same\n");
    follow(log, From.START);
    awaitLines("one", "an inode that may be the same");
  }

  @Test
  void aMountThatComesLateIsFollowedWhereItWasLeft() throws Exception {
    Path log = file("one\n");
    Following first = follow(log, From.START);
    awaitLines("one");
    first.stop();
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("app.log");
    Files.move(log, elsewhere);
    follow(log, From.START).stop();
    append(elsewhere, "two\n");
    Files.move(elsewhere, log);
    follow(log, From.START);
    awaitLines("one", "two");
  }

  @Test
  void severalFilesAreFollowedAtOnce() throws Exception {
    Path a = Files.createFile(directory.resolve("a"));
    Path b = Files.createFile(directory.resolve("b"));
    follow(new FollowRequest(List.of(a.toString(), b.toString()), From.END), collected);
    append(a, "from a\n");
    await().until(() -> collected.lines.equals(List.of("from a")));
    append(b, "from b\n");
    awaitLines("from a", "from b");
    assertThat(collected.files).containsExactly(a, b);
  }

  @Test
  void whatALineReportsIsCommittedWithThePositionBehindIt() throws Exception {
    Path log = file("quiet\nalarm\n");
    follow(
        new FollowRequest(List.of(log.toString()), From.START),
        (line, file) -> {
          collected.line(line, file);
          sink.waiting = line.equals("alarm");
        });
    awaitLines("quiet", "alarm");
    await().untilAsserted(() -> assertThat(sink.offsets(log)).containsExactly(0L, 12L));
  }

  @Test
  void inABacklogSeveralLinesShareACommit() throws Exception {
    Path log = file("alarm\n".repeat(4000));
    follow(
        new FollowRequest(List.of(log.toString()), From.START),
        (line, file) -> {
          collected.line(line, file);
          sink.waiting = true;
        });
    await()
        .untilAsserted(
            () -> assertThat(sink.offsets(log).getLast()).isEqualTo(log.toFile().length()));
    assertThat(sink.committed).hasSizeLessThan(10);
  }

  @Test
  void aBacklogWaitsForItsCommitNoLongerThanAMoment() throws Exception {
    Path log = file("alarm\n".repeat(100));
    follow(
        new FollowRequest(List.of(log.toString()), From.START),
        (line, file) -> {
          now.updateAndGet(time -> time.plusMillis(10));
          sink.waiting = true;
        });
    await()
        .untilAsserted(
            () -> assertThat(sink.offsets(log).getLast()).isEqualTo(log.toFile().length()));
    assertThat(sink.committed).hasSizeGreaterThan(15);
  }

  @Test
  void aMovedPositionIsSavedEveryFiveSeconds() throws Exception {
    Path log = file("one\n");
    follow(log, From.START);
    awaitLines("one");
    assertThat(sink.offsets(log)).containsExactly(0L);
    now.updateAndGet(time -> time.plusSeconds(5));
    await().until(() -> sink.offsets(log).equals(List.of(0L, 4L)));
    now.updateAndGet(time -> time.plusSeconds(60));
    append(log, "part");
    append(log, "ial\n");
    awaitLines("one", "partial");
    await().until(() -> sink.offsets(log).equals(List.of(0L, 4L, 12L)));
  }

  @Test
  void anInterruptSavesTheLastPositionAndSnapshot() throws Exception {
    Path log = file("one\n");
    Following following = follow(log, From.START);
    awaitLines("one");
    following.stop();
    assertThat(following.failure).isInstanceOf(InterruptedException.class);
    assertThat(sink.offsets(log)).containsExactly(0L, 4L);
    Collected next = new Collected();
    follow(new FollowRequest(List.of(log.toString()), From.START), next);
    await().until(() -> next.restored.equals(Optional.of("1 lines")));
  }

  @Test
  void aFailingHandlerKeepsThePositionOfTheLastCheckpoint() throws Exception {
    Path log = file("good\nbad\n");
    Following following = follow(request(log), failingAt("bad"));
    following.awaitEnd();
    assertThat(following.failure)
        .isInstanceOf(LineException.class)
        .hasRootCauseMessage("cannot read bad");
    assertThat(sink.offsets(log)).containsExactly(0L);
  }

  @Test
  void aLineThatFailsThreeTimesInARowIsSkipped() throws Exception {
    Path log = file("good\nbad\nnext\n");
    for (int i = 0; i < 3; i++) {
      follow(request(log), failingAt("bad")).awaitEnd();
    }
    assertThat(skippedLines).isZero();
    Collected after = new Collected();
    follow(request(log), after);
    await().until(() -> after.lines.equals(List.of("good", "next")));
    assertThat(skippedLines).isEqualTo(1);
  }

  @Test
  void aSkippedLineNeverComesAgain() throws Exception {
    Path log = file("bad\nworse\n");
    for (int i = 0; i < 3; i++) {
      follow(request(log), failingAt("bad")).awaitEnd();
    }
    follow(request(log), failingAt("worse")).awaitEnd();
    follow(request(log), collected);
    awaitLines("worse");
  }

  @Test
  void anErrorOfTheHandlerPassesAsItIs() throws Exception {
    Path log = file("bad\n");
    Following following =
        follow(
            request(log),
            (line, file) -> {
              throw new StackOverflowError();
            });
    following.awaitEnd();
    assertThat(following.failure).isInstanceOf(StackOverflowError.class);
  }

  @Test
  void aReplayReadsEveryFileToItsEndAndReturns() throws Exception {
    Path a = Files.writeString(directory.resolve("a"), "one\ntwo");
    Path b = Files.writeString(directory.resolve("b"), "three\n");
    new FileFollower(
            new FollowRequest(List.of(a.toString(), b.toString()), From.END),
            FollowSettings.replay(),
            now::get,
            Optional.empty(),
            sink,
            failedLine)
        .follow(collected);
    assertThat(collected.lines).containsExactly("one", "two", "three");
  }

  @Test
  void aReplayOfAMissingFileFails() {
    FileFollower follower =
        new FileFollower(
            new FollowRequest(List.of(directory.resolve("none").toString()), From.START),
            FollowSettings.replay(),
            now::get,
            Optional.empty(),
            sink,
            failedLine);
    assertThatThrownBy(() -> follower.follow(collected))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none")
        .hasMessageContaining("no such file");
  }

  @Test
  void aDirectoryCannotBeFollowed() {
    FileFollower follower =
        new FileFollower(
            new FollowRequest(List.of(directory.toString()), From.END),
            FAST,
            now::get,
            Optional.empty(),
            sink,
            failedLine);
    assertThatThrownBy(() -> follower.follow(collected))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no regular file");
  }

  @Test
  void aBrokenCheckpointCountsAsNone() throws Exception {
    sink.committed.add(new byte[] {1, 0, 0, 0, 9, 9});
    Path log = file("one\n");
    follow(log, From.START);
    awaitLines("one");
  }

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("app.log"), content);
  }

  /** A file of which looking at it fails, for root too. */
  private Path unreadable() throws IOException {
    Path log = directory.resolve("app.log");
    return Files.createSymbolicLink(log, log);
  }

  private void becomesReadable(Path log, String content) throws IOException {
    Path made = Files.writeString(directory.resolve("made"), content);
    Files.move(made, log, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  }

  private static boolean isOpen(Path file) throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.anyMatch(
          descriptor -> {
            try {
              return Files.readSymbolicLink(descriptor).equals(file);
            } catch (IOException e) {
              return false;
            }
          });
    }
  }

  private static void truncate(Path file) throws IOException {
    Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
  }

  private void awaitLines(String... lines) {
    await().untilAsserted(() -> assertThat(collected.lines).containsExactly(lines));
  }

  private static FollowRequest request(Path log) {
    return new FollowRequest(List.of(log.toString()), From.START);
  }

  private Following follow(Path log, From from) {
    return follow(new FollowRequest(List.of(log.toString()), from), collected);
  }

  /** Returns once the follower has begun, so that what is written next is new. */
  private Following follow(FollowRequest request, LineHandler handler) {
    int before = sink.committed.size();
    Following following =
        new Following(
            new FileFollower(request, FAST, now::get, sink.last(), sink, failedLine), handler);
    running.add(following);
    following.thread.start();
    await().until(() -> sink.committed.size() > before || !following.thread.isAlive());
    return following;
  }

  private static LineHandler failingAt(String bad) {
    return (line, file) -> {
      if (line.equals(bad)) {
        throw new IOException("cannot read " + bad);
      }
    };
  }

  private static final class Following {
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    Following(FileFollower follower, LineHandler handler) {
      thread =
          Thread.ofPlatform()
              .name("follower")
              .unstarted(
                  () -> {
                    try {
                      follower.follow(handler);
                    } catch (Throwable e) {
                      failure = e;
                    }
                  });
    }

    void stop() throws InterruptedException {
      thread.interrupt();
      awaitEnd();
    }

    void awaitEnd() throws InterruptedException {
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  private static final class Collected implements LineHandler {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Path> files = new CopyOnWriteArrayList<>();
    private volatile Optional<String> restored = Optional.empty();

    @Override
    public void line(String line, Path file) {
      lines.add(line);
      files.add(file);
    }

    @Override
    public Optional<byte[]> snapshot() {
      return Optional.of((lines.size() + " lines").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void restore(byte[] snapshot) {
      restored = Optional.of(new String(snapshot, StandardCharsets.UTF_8));
    }
  }

  private static final class Sink implements CheckpointSink {
    private final List<byte[]> committed = new CopyOnWriteArrayList<>();
    private volatile boolean waiting;

    @Override
    public boolean waiting() {
      return waiting;
    }

    @Override
    public void commit(byte[] checkpoint) {
      waiting = false;
      committed.add(checkpoint);
    }

    Optional<byte[]> last() {
      return committed.isEmpty() ? Optional.empty() : Optional.of(committed.getLast());
    }

    List<Long> offsets(Path log) throws IOException {
      List<Long> offsets = new ArrayList<>();
      for (byte[] bytes : committed) {
        offsets.add(
            Objects.requireNonNull(FollowCheckpoint.decode(bytes).places().get(log.toString()))
                .current()
                .offset());
      }
      return offsets;
    }
  }
}
