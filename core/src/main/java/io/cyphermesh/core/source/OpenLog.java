package io.cyphermesh.core.source;

import io.cyphermesh.core.source.FollowCheckpoint.Position;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One file that is open, whatever its name is by now, and how far it was read.
 *
 * <p>Reads through {@link RandomAccessFile}, since an interrupt closes a channel, and the last
 * checkpoint after an interrupt still looks at the file.
 */
final class OpenLog implements Closeable {

  /** Takes the lines. */
  interface Delivery {
    /** Takes a line that begins at {@code offset}. */
    void handle(String line, OpenLog from, long offset) throws InterruptedException;

    /** Called once the position stands behind the line. */
    void handled() throws InterruptedException;

    /** Called when a line was too long and its end is left out. */
    void cut(OpenLog from);
  }

  /** What a look at the file came to. */
  enum Outcome {
    /** Lines were read; there may be more. */
    READ,
    /** Everything was read. */
    AT_END,
    /** What was read is no longer there: {@link #rewind} before the next look. */
    TRUNCATED
  }

  /** The JDK copies through memory that it allocates for each read; more costs page faults. */
  private static final int READ = 64 * 1024;

  private final RandomAccessFile file;
  private final FileState state;
  private final String key;
  private final byte[] buffer;
  private Path path;
  private long offset;
  private boolean midLine;
  private boolean packed;
  private Fingerprint head = Fingerprint.NONE;
  private Fingerprint tail = Fingerprint.NONE;

  /** Size and time of the file when it was last read to its end; size -1 before. */
  private long seenSize = -1;

  private @Nullable FileTime seenTime;
  private FileTime modified;
  private Instant quietSince = Instant.MAX;

  /**
   * What {@link #head} and {@link #tail} are of, as it was read: while lines are handled the file
   * may be truncated, and would then be taken for another one.
   */
  private byte[] first = {};

  private byte[] recent = {};

  /** Where {@link #head} and {@link #tail} were taken. */
  private long fingerprintedAt;

  /** Where the bytes in {@link #buffer} stand in the file. */
  private long bufferedFrom;

  private @Nullable Position saved;

  private OpenLog(RandomAccessFile file, Path path, FileState state, byte[] buffer) {
    this.file = file;
    this.path = path;
    this.state = state;
    this.key = state.key();
    this.modified = state.modified();
    this.buffer = buffer;
  }

  /**
   * Opens what stands at {@code where}.
   *
   * @param path the name under which its lines come
   * @param buffer to read into; shared, since nothing stays in it between two calls
   * @return empty if the name has moved on meanwhile
   */
  static Optional<OpenLog> open(Path where, Path path, FileState state, byte[] buffer)
      throws IOException {
    RandomAccessFile opened = new RandomAccessFile(where.toFile(), "r");
    Optional<FileState> again = FileState.of(where);
    if (again.isEmpty() || !again.get().id().equals(state.id())) {
      opened.close();
      return Optional.empty();
    }
    return Optional.of(new OpenLog(opened, path, state, buffer));
  }

  Path path() {
    return path;
  }

  /** Gives its lines another name from now on. */
  void rename(Path name) {
    path = name;
  }

  Object id() {
    return state.id();
  }

  String key() {
    return key;
  }

  long offset() {
    return offset;
  }

  /** Whether it turned out to be compressed, so that none of it is read. */
  boolean packed() {
    return packed;
  }

  /** When it last had something new. */
  Instant quietSince() {
    return quietSince;
  }

  long length() throws IOException {
    return file.length();
  }

  FileTime modified() {
    return modified;
  }

  FileTime born() {
    return state.born();
  }

  Position position() {
    fingerprint();
    Position last = saved;
    if (last == null || last.offset() != offset || last.size() != Math.max(seenSize, offset)) {
      last =
          new Position(
              key,
              offset,
              midLine,
              head,
              tail,
              Math.max(seenSize, offset),
              modified.toMillis(),
              state.born().toMillis());
      saved = last;
    }
    return last;
  }

  /**
   * Goes on where a checkpoint says.
   *
   * @return false, and nothing is changed, if this is not the file that it means or if what was
   *     read is no longer there
   */
  boolean goOn(Position place) throws IOException {
    if (!holds(place)) {
      return false;
    }
    offset = place.offset();
    midLine = place.midLine();
    seenSize = -1;
    readFingerprint();
    return true;
  }

  /** Whether what was read of the file that is meant stands here, too. */
  boolean holds(Position place) throws IOException {
    return file.length() >= place.offset()
        && (place.head().length() > 0 || place.offset() == 0)
        && place.head().isHeadOf(file)
        && place.tail().isTailOf(file, place.offset());
  }

  /** Whether it begins as the file that is meant. */
  boolean beginsAs(Position place) throws IOException {
    return place.head().length() > 0
        && Fingerprint.head(file, Math.min(file.length(), place.head().length()))
            .equals(place.head());
  }

  /** Goes to the beginning of the last line that is not complete yet. */
  void goToEnd() throws IOException {
    offset = endOfLastLine();
    readFingerprint();
  }

  /** Begins anew. */
  void rewind() {
    offset = 0;
    midLine = false;
    packed = false;
    head = Fingerprint.NONE;
    tail = Fingerprint.NONE;
    first = new byte[0];
    recent = first;
    fingerprintedAt = 0;
    saved = null;
    seenSize = -1;
    seenTime = null;
  }

  /** Leaves out what it holds now. */
  void skipToEnd() throws IOException {
    offset = file.length();
    midLine = false;
    readFingerprint();
  }

  /** Whether it holds bytes that were not looked at yet. */
  boolean hasNew() throws IOException {
    return file.length() > offset;
  }

  /** Whether this is a copy of the original's beginning, as copytruncate and backups make them. */
  boolean isCopyOf(OpenLog original) throws IOException {
    long length = file.length();
    boolean beginning =
        length > 0
            && length <= original.file.length()
            && Fingerprint.head(file, length).isHeadOf(original.file)
            && Fingerprint.tail(file, length).isTailOf(original.file, length);
    // The original may have been truncated since: then what was read of it stands here.
    return beginning || (original.offset > 0 && holds(original.position()));
  }

  /**
   * Looks once and reads at most one buffer.
   *
   * @param now what stands at the file's name, if that still is this file
   */
  Outcome look(Optional<FileState> now, Delivery delivery, Instant time)
      throws IOException, InterruptedException {
    long size = now.isPresent() ? now.get().size() : file.length();
    FileTime written = now.map(FileState::modified).orElse(null);
    if (size == seenSize && (written == null || written.equals(seenTime))) {
      return Outcome.AT_END;
    }
    if (size < offset || !head.isHeadOf(file) || !tail.isTailOf(file, offset)) {
      return Outcome.TRUNCATED;
    }
    if (written != null) {
      modified = written;
    }
    quietSince = time;
    if (size > offset && read(delivery)) {
      return Outcome.READ;
    }
    seenSize = size;
    if (written != null) {
      seenTime = written;
    }
    return Outcome.AT_END;
  }

  /** Starts the time in which a file that has lost its name is still looked at. */
  void left(Instant time) {
    quietSince = time;
    seenSize = -1;
  }

  /** Reads everything up to the present end; a last line without newline counts too. */
  void readToEnd(Delivery delivery) throws IOException, InterruptedException {
    boolean more = true;
    while (more) {
      more = read(delivery);
    }
    finishLastLine(delivery);
  }

  /** Delivers what stands behind the last newline. */
  private void finishLastLine(Delivery delivery) throws IOException, InterruptedException {
    if (midLine || packed) {
      return;
    }
    int length = fill();
    if (length > 0) {
      deliver(0, length, offset, offset + length, delivery);
      fingerprint();
    }
  }

  /**
   * Delivers the complete lines of the next buffer.
   *
   * @return whether the position moved
   */
  private boolean read(Delivery delivery) throws IOException, InterruptedException {
    int length = fill();
    long base = offset;
    packed = base == 0 && Packed.byContent(buffer, length);
    if (packed) {
      return false;
    }
    int lineStart = 0;
    if (midLine) {
      int newline = Newline.next(buffer, 0, length);
      midLine = newline < 0;
      lineStart = midLine ? length : newline + 1;
      offset = base + lineStart;
    }
    int newline;
    while ((newline = Newline.next(buffer, lineStart, length)) >= 0) {
      deliver(lineStart, newline, base + lineStart, base + newline + 1, delivery);
      lineStart = newline + 1;
    }
    // A writer without append mode leaves a hole of NULs before its next line after truncation.
    while (lineStart < length && buffer[lineStart] == 0) {
      lineStart++;
    }
    offset = base + lineStart;
    if (length - lineStart > LineText.MAX_BYTES + 1) {
      midLine = true;
      deliver(lineStart, length, base + lineStart, base + length, delivery);
    }
    if (offset == base) {
      return false;
    }
    fingerprint();
    return true;
  }

  private void deliver(int from, int to, long begin, long after, Delivery delivery)
      throws InterruptedException {
    if (to - from > LineText.MAX_BYTES && LineText.isCut(buffer, from, to)) {
      delivery.cut(this);
    }
    delivery.handle(LineText.of(buffer, from, to), this, begin);
    offset = after;
    delivery.handled();
  }

  /** Takes what was handled since the last time from the buffer. */
  private void fingerprint() {
    if (fingerprintedAt == offset) {
      return;
    }
    int from = (int) (fingerprintedAt - bufferedFrom);
    int to = (int) (offset - bufferedFrom);
    int missing = Fingerprint.HEAD - first.length;
    if (missing > 0) {
      first = joined(first, from, Math.min(to, from + missing));
      head = Fingerprint.of(first);
    }
    byte[] joined = joined(recent, Math.max(from, to - Fingerprint.TAIL), to);
    recent =
        Arrays.copyOfRange(joined, Math.max(0, joined.length - Fingerprint.TAIL), joined.length);
    tail = Fingerprint.of(recent);
    fingerprintedAt = offset;
    saved = null;
  }

  private byte[] joined(byte[] before, int from, int to) {
    byte[] joined = Arrays.copyOf(before, before.length + to - from);
    System.arraycopy(buffer, from, joined, before.length, to - from);
    return joined;
  }

  /** Takes them from the file, where the position is one that was not read up to. */
  private void readFingerprint() throws IOException {
    first = Fingerprint.bytes(file, 0, (int) Math.min(Fingerprint.HEAD, offset));
    int length = (int) Math.min(Fingerprint.TAIL, offset);
    recent = Fingerprint.bytes(file, offset - length, length);
    head = Fingerprint.of(first);
    tail = Fingerprint.of(recent);
    fingerprintedAt = offset;
    saved = null;
  }

  private int fill() throws IOException {
    file.seek(offset);
    bufferedFrom = offset;
    int length = 0;
    while (length < buffer.length) {
      int n = file.read(buffer, length, Math.min(READ, buffer.length - length));
      if (n < 0) {
        break;
      }
      length += n;
    }
    return length;
  }

  private long endOfLastLine() throws IOException {
    long size = file.length();
    byte[] last = new byte[(int) Math.min(LineText.MAX_BYTES, size)];
    file.seek(size - last.length);
    file.readFully(last);
    for (int i = last.length - 1; i >= 0; i--) {
      if (last[i] == '\n') {
        return size - last.length + i + 1;
      }
    }
    return size == last.length ? 0 : size;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
