package io.cyphermesh.core.source;

import io.cyphermesh.core.source.FollowCheckpoint.Position;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One followed path: the file that is open for it, how far it was read, and what becomes of both
 * when somebody renames, truncates or replaces the file.
 *
 * <p>Reads through {@link RandomAccessFile}, since an interrupt closes a channel, and the last
 * checkpoint after an interrupt still looks at the file.
 */
final class TailFile implements Closeable {
  /**
   * How long a rotated file is held where its successor stays empty. Log rotation makes the new
   * file before the writer reopens it, so an empty successor means that the old one still grows.
   */
  private static final Duration OLD_FILE_HELD = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(TailFile.class);

  /** Takes the lines. */
  interface Delivery {
    /** Takes a line that begins at {@code offset}. */
    void handle(String line, TailFile from, long offset) throws InterruptedException;

    /** Called once the position stands behind the line. */
    void handled() throws InterruptedException;
  }

  private final Path path;
  private final byte[] buffer;
  private final InstantSource clock;
  private @Nullable RandomAccessFile file;
  private String fileKey = "";
  private long offset;
  private boolean midLine;
  private Fingerprint fingerprint = Fingerprint.NONE;

  /** Size and time of the file when it was last read to its end. */
  private long seenSize = -1;

  private @Nullable FileTime seenTime;

  /** Where to go on once the file can be opened. */
  private Position awaited = Position.NOT_THERE_YET;

  private @Nullable Instant emptySuccessorSince;
  private String lastWarning = "";

  TailFile(Path path, byte[] buffer, InstantSource clock) {
    this.path = path;
    this.buffer = buffer;
    this.clock = clock;
  }

  Path path() {
    return path;
  }

  String fileKey() {
    return fileKey;
  }

  /** Begins with a path that was never followed: what is not there yet is new from its start. */
  void begin(boolean atEnd) throws IOException {
    // Also where looking fails: that something is there is all that is known then.
    awaited = atEnd ? Position.atEndOf("") : Position.NOT_THERE_YET;
    Optional<Stat> now = stat();
    if (now.isPresent()) {
      awaited = atEnd ? Position.atEndOf(now.get().key()) : Position.NOT_THERE_YET;
      openAwaited(now.get());
    } else {
      awaited = Position.NOT_THERE_YET;
    }
  }

  /** Opens what stands at the path, and goes on in it where that was asked. */
  private void openAwaited(Stat now) throws IOException {
    open(path, now);
    RandomAccessFile open = file;
    if (open == null) {
      return;
    }
    if (awaited.atEnd()) {
      // A successor is new from its start.
      if (awaited.fileKey().isEmpty() || awaited.fileKey().equals(fileKey)) {
        offset = endOfLastLine(open, open.length());
        fingerprint = Fingerprint.of(open, offset);
      }
    } else if (!awaited.fileKey().isEmpty() && !goOn(awaited)) {
      LOG.warn(
          "{} is another file than before, or was truncated: reading it from its start; what was"
              + " written to the old one since is lost",
          path);
    }
    awaited = Position.NOT_THERE_YET;
  }

  /** Goes on where a checkpoint says, in the file that it means, wherever that is now. */
  void resume(Position saved) throws IOException {
    // Also another file that begins with the same bytes: a restored backup, another mount.
    awaited = saved;
    Optional<Stat> now = stat();
    boolean inPlace = now.isPresent() && now.get().key().equals(saved.fileKey());
    boolean begun = !saved.fileKey().isEmpty() && !saved.atEnd();
    if (begun && !inPlace && openRotated(saved)) {
      return;
    }
    if (now.isPresent()) {
      openAwaited(now.get());
    } else if (saved.atEnd()) {
      awaited = Position.NOT_THERE_YET;
    }
  }

  Position position() {
    RandomAccessFile open = file;
    if (open == null) {
      return awaited;
    }
    try {
      extendFingerprint(open);
    } catch (IOException e) {
      warn("cannot read " + path + ": " + e.getMessage());
    }
    return new Position(fileKey, offset, midLine, fingerprint);
  }

  /**
   * Looks once and reads at most one buffer.
   *
   * @return whether there was anything to do
   */
  boolean turn(Delivery delivery) throws InterruptedException {
    try {
      return look(delivery);
    } catch (IOException e) {
      warn("cannot follow " + path + ": " + e.getMessage());
      return false;
    }
  }

  private boolean look(Delivery delivery) throws IOException, InterruptedException {
    Optional<Stat> now = stat();
    RandomAccessFile open = file;
    if (open == null) {
      if (now.isPresent()) {
        openAwaited(now.get());
      } else if (awaited.atEnd()) {
        // What comes in its place is new from its start.
        awaited = Position.NOT_THERE_YET;
      }
      return file != null;
    }
    boolean inPlace = now.isPresent() && now.get().key().equals(fileKey);
    long size = inPlace ? now.get().size() : open.length();
    boolean changed = size != seenSize || (inPlace && !now.get().time().equals(seenTime));
    if (changed) {
      if (size < offset || !fingerprint.matches(open)) {
        LOG.info("{} was truncated: reading from its start", path);
        rewind();
      }
      seenTime = inPlace ? now.get().time() : null;
      if (size > offset && read(open, delivery)) {
        extendFingerprint(open);
        return true;
      }
      seenSize = size;
    }
    return now.isPresent() && !inPlace && moveOn(open, now.get(), delivery);
  }

  /** Leaves a rotated file that was read to its end for the one that now has its name. */
  private boolean moveOn(RandomAccessFile open, Stat next, Delivery delivery)
      throws IOException, InterruptedException {
    if (next.size() == 0) {
      if (emptySuccessorSince == null) {
        emptySuccessorSince = clock.instant();
      }
      if (clock.instant().isBefore(emptySuccessorSince.plus(OLD_FILE_HELD))) {
        return false;
      }
    }
    if (read(open, delivery)) {
      return true;
    }
    finishLastLine(delivery);
    LOG.info("{} was rotated: going on with the new file", path);
    close();
    open(path, next);
    return file != null;
  }

  /** Reads everything up to the present end; a last line without newline counts too. */
  void readToEnd(Delivery delivery) throws IOException, InterruptedException {
    RandomAccessFile open = file;
    if (open == null) {
      throw new NoSuchFileException(path.toString(), null, "no such file, or not to be read");
    }
    boolean more = true;
    while (more) {
      more = read(open, delivery);
    }
    finishLastLine(delivery);
  }

  private void finishLastLine(Delivery delivery) throws IOException, InterruptedException {
    RandomAccessFile open = file;
    if (open == null || midLine) {
      return;
    }
    int length = fill(open);
    if (length > 0) {
      deliver(0, length, offset, offset + length, delivery);
    }
  }

  /**
   * Delivers the complete lines of the next buffer.
   *
   * @return whether the position moved
   */
  private boolean read(RandomAccessFile open, Delivery delivery)
      throws IOException, InterruptedException {
    int length = fill(open);
    long base = offset;
    int lineStart = 0;
    if (midLine) {
      lineStart = skipRest(length);
      offset = base + lineStart;
    }
    boolean nul = false;
    for (int i = lineStart; i < length; i++) {
      byte b = buffer[i];
      if (b == '\n') {
        deliver(lineStart, i, base + lineStart, base + i + 1, delivery);
        lineStart = i + 1;
        nul = false;
      } else if (b == 0) {
        nul = true;
      }
    }
    if (nul) {
      // A writer without append mode leaves a hole of NULs before its next line after truncation.
      while (lineStart < length && buffer[lineStart] == 0) {
        lineStart++;
      }
      offset = base + lineStart;
    }
    if (length - lineStart > LineText.MAX_BYTES) {
      midLine = true;
      deliver(lineStart, length, base + lineStart, base + length, delivery);
    }
    return offset > base;
  }

  private void extendFingerprint(RandomAccessFile open) throws IOException {
    if (fingerprint.length() < Math.min(Fingerprint.MAX, offset)) {
      fingerprint = Fingerprint.of(open, offset);
    }
  }

  private int fill(RandomAccessFile open) throws IOException {
    open.seek(offset);
    int length = 0;
    while (length < buffer.length) {
      int n = open.read(buffer, length, buffer.length - length);
      if (n < 0) {
        break;
      }
      length += n;
    }
    return length;
  }

  /** The index behind the end of a line of which only the rest is in the buffer. */
  private int skipRest(int length) {
    for (int i = 0; i < length; i++) {
      if (buffer[i] == '\n') {
        midLine = false;
        return i + 1;
      }
    }
    return length;
  }

  private void deliver(int start, int to, long begin, long after, Delivery delivery)
      throws InterruptedException {
    String line = LineText.of(buffer, start, to);
    delivery.handle(line, this, begin);
    offset = after;
    delivery.handled();
  }

  private boolean goOn(Position saved) throws IOException {
    RandomAccessFile open = file;
    if (open == null
        || open.length() < saved.offset()
        || (saved.fingerprint().length() == 0 && saved.offset() > 0)
        || !saved.fingerprint().matches(open)) {
      return false;
    }
    offset = saved.offset();
    midLine = saved.midLine();
    fingerprint = saved.fingerprint();
    return true;
  }

  private boolean openRotated(Position saved) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory == null) {
      return false;
    }
    try (DirectoryStream<Path> siblings = Files.newDirectoryStream(directory)) {
      for (Path sibling : siblings) {
        Optional<Stat> stat = stat(sibling);
        if (stat.isPresent() && stat.get().key().equals(saved.fileKey())) {
          open(sibling, stat.get());
          if (goOn(saved)) {
            LOG.info("{} was rotated to {} meanwhile: reading its rest first", path, sibling);
            return true;
          }
          close();
        }
      }
    } catch (NoSuchFileException | DirectoryIteratorException e) {
      LOG.debug("cannot look for rotated files of {}", path, e);
    }
    return false;
  }

  private void open(Path where, Stat stat) throws IOException {
    RandomAccessFile opened = new RandomAccessFile(where.toFile(), "r");
    // The name may have moved on between stat and open.
    Optional<Stat> again = stat(where);
    if (again.isEmpty() || !again.get().key().equals(stat.key())) {
      opened.close();
      return;
    }
    file = opened;
    fileKey = stat.key();
    emptySuccessorSince = null;
    lastWarning = "";
    rewind();
  }

  private void rewind() {
    offset = 0;
    midLine = false;
    fingerprint = Fingerprint.NONE;
    seenSize = -1;
    seenTime = null;
  }

  private static long endOfLastLine(RandomAccessFile open, long size) throws IOException {
    byte[] tail = new byte[(int) Math.min(LineText.MAX_BYTES, size)];
    open.seek(size - tail.length);
    open.readFully(tail);
    for (int i = tail.length - 1; i >= 0; i--) {
      if (tail[i] == '\n') {
        return size - tail.length + i + 1;
      }
    }
    return size == tail.length ? 0 : size;
  }

  private Optional<Stat> stat() throws IOException {
    return stat(path);
  }

  private Optional<Stat> stat(Path where) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(where, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        if (where.equals(path)) {
          throw new IOException("it is no regular file");
        }
        return Optional.empty();
      }
      Object key = attributes.fileKey();
      return Optional.of(
          new Stat(
              key == null ? attributes.creationTime().toString() : key.toString(),
              attributes.size(),
              attributes.lastModifiedTime()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void warn(String message) {
    // Once, not at every look.
    if (!message.equals(lastWarning)) {
      lastWarning = message;
      LOG.warn("{}", message);
    }
  }

  @Override
  public void close() throws IOException {
    RandomAccessFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  private record Stat(String key, long size, FileTime time) {}
}
