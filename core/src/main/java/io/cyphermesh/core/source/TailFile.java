package io.cyphermesh.core.source;

import io.cyphermesh.core.source.FollowCheckpoint.Place;
import io.cyphermesh.core.source.FollowCheckpoint.Position;
import io.cyphermesh.core.source.OpenLog.Delivery;
import io.cyphermesh.core.source.OpenLog.Outcome;
import io.cyphermesh.core.source.Rotated.Sibling;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One followed path: the file that has the name, those that had it before and may still be written
 * to, and what becomes of them when somebody renames, truncates or replaces the file.
 *
 * <p>Older files are read before newer ones. What is lost for good is said in a warning.
 */
final class TailFile implements Closeable {
  /** How long a rotated file that nobody writes to is still looked at. */
  static final Duration REST_HELD = Duration.ofMinutes(1);

  /**
   * The same where its successor is empty: log rotation makes the new file before the writer
   * reopens it, so that the old one still grows.
   */
  static final Duration REST_HELD_FOR_WRITER = Duration.ofHours(1);

  /** How long a file that nobody writes to is kept open without a name. */
  static final Duration NAMELESS_HELD = Duration.ofMinutes(5);

  /** How long a path that a pattern found is remembered where nothing stands there any more. */
  static final Duration VANISHED_KEPT = Duration.ofDays(1);

  /** How long the copy of a log may take to be made, and its original then to be truncated. */
  private static final Duration COPYING = Duration.ofMinutes(10);

  /** Older files of one path. */
  static final int MAX_RESTS = 16;

  private static final Logger LOG = LoggerFactory.getLogger(TailFile.class);

  private final Path path;
  private final boolean found;
  private final FollowedFiles files;
  private final byte[] buffer;
  private final InstantSource clock;
  private final Deque<OpenLog> rests = new ArrayDeque<>();
  private @Nullable OpenLog current;

  /** Where to go on once the file can be opened. */
  private Position awaited = Position.NOT_THERE_YET;

  /** Whether the awaited file was read to its end when it was closed. */
  private boolean awaitedIsRead;

  private @Nullable Instant missingSince;

  /** Until then it is taken for a copy of another file, so that nothing of it is read. */
  private Instant copyUntil = Instant.MIN;

  private boolean forgotten;
  private String lastWarning = "";

  /**
   * @param found whether a pattern found it
   * @param buffer to read into; shared
   */
  TailFile(Path path, boolean found, FollowedFiles files, byte[] buffer, InstantSource clock) {
    this.path = path;
    this.found = found;
    this.files = files;
    this.buffer = buffer;
    this.clock = clock;
  }

  Path path() {
    return path;
  }

  boolean found() {
    return found;
  }

  /** Whether nothing came back in time, so that it can be dropped. */
  boolean forgotten() {
    return forgotten;
  }

  /** When the file was last written to; nothing for one that is not open. */
  Optional<Instant> lastWritten() {
    return Optional.ofNullable(current).map(log -> log.modified().toInstant());
  }

  Optional<OpenLog> current() {
    return Optional.ofNullable(current);
  }

  int rests() {
    return rests.size();
  }

  /** Whether it reads this file, under its own name or as an older one. */
  boolean reads(String key) {
    OpenLog log = current;
    return (log != null && log.key().equals(key))
        || rests.stream().anyMatch(rest -> rest.key().equals(key));
  }

  /**
   * Begins with a path that was never followed: what is not there yet is new from its start.
   *
   * @throws IOException if it is there but cannot be read now
   */
  void begin(boolean atEnd) throws IOException {
    // Also where looking fails: that something is there is all that is known then.
    awaited = atEnd ? Position.atEndOf("") : Position.NOT_THERE_YET;
    Optional<FileState> now = look();
    if (now.isPresent()) {
      awaited = atEnd ? Position.atEndOf(now.get().key()) : Position.NOT_THERE_YET;
      open(now.get());
    } else {
      awaited = Position.NOT_THERE_YET;
    }
  }

  /** Goes on where a checkpoint says, in the files that it means, wherever they are now. */
  void resume(Place place) throws IOException {
    awaited = files.furthest(place.current());
    if (!place.rests().isEmpty()) {
      resumeRests(place.rests());
    }
    Optional<FileState> now = look();
    if (now.isPresent()) {
      open(now.get());
    } else if (awaited.atEnd()) {
      awaited = Position.NOT_THERE_YET;
    } else if (awaited.begun()) {
      // Rotated, and the writer has not made the next one yet; or a mount that comes late.
      Optional<Sibling> elsewhere = Rotated.around(path).byKey(awaited.fileKey());
      if (elsewhere.isPresent() && openRest(elsewhere.get(), awaited)) {
        awaited = Position.NOT_THERE_YET;
      }
    }
  }

  private void resumeRests(List<Position> places) throws IOException {
    Rotated siblings = Rotated.around(path);
    for (Position place : places) {
      Optional<Sibling> sibling = siblings.byKey(place.fileKey());
      boolean open = sibling.isPresent() && openRest(sibling.get(), files.furthest(place));
      if (!open && !files.reads(place.fileKey()) && place.size() > place.offset()) {
        LOG.warn(
            "a rotated file of {} is gone: at least {} bytes of it were not read and are lost",
            path,
            place.size() - place.offset());
      }
    }
  }

  Place place() {
    OpenLog log = current;
    return new Place(
        found,
        log == null ? awaited : log.position(),
        rests.stream().map(OpenLog::position).toList());
  }

  /**
   * Looks once and reads at most one buffer.
   *
   * @return whether there was anything to do
   */
  boolean turn(Delivery delivery) throws InterruptedException {
    try {
      return readRests(delivery) || readCurrent(delivery);
    } catch (IOException e) {
      warn("cannot follow " + path + ": " + e.getMessage());
      return false;
    }
  }

  private boolean readCurrent(Delivery delivery) throws IOException, InterruptedException {
    OpenLog log = current;
    Optional<FileState> now;
    try {
      now = look();
    } catch (IOException e) {
      // What is open can still be read.
      warn("cannot look at " + path + ": " + e.getMessage());
      return log != null && log.look(Optional.empty(), delivery, time()) == Outcome.READ;
    }
    if (log == null) {
      return now.isPresent() ? open(now.get()) : missing();
    }
    boolean inPlace = now.isPresent() && now.get().id().equals(log.id());
    if (found) {
      leaveOutCopy(log);
    }
    Outcome outcome;
    try {
      outcome = log.look(inPlace ? now : Optional.empty(), delivery, time());
    } catch (IOException e) {
      // A stale handle of a network file system stays so; the name may lead to the file again.
      awaited = log.position();
      current = null;
      log.close();
      throw e;
    }
    switch (outcome) {
      case READ -> {
        return true;
      }
      case TRUNCATED -> {
        truncated(log);
        return true;
      }
      case AT_END -> {}
    }
    if (log.packed() && !found) {
      warn(path + " is compressed, so none of it is read");
    }
    if (now.isEmpty()) {
      return nameless(log, delivery);
    }
    missingSince = null;
    return !inPlace && moveOn(log, now.get());
  }

  /** The name is gone; the file may be, too, and its space is free only when it is closed. */
  private boolean nameless(OpenLog log, Delivery delivery)
      throws IOException, InterruptedException {
    missing();
    if (log.quietSince().equals(Instant.MAX)) {
      log.left(time());
    }
    Instant until = log.quietSince().plus(NAMELESS_HELD);
    Instant since = missingSince;
    if (since == null || time().isBefore(until) || time().isBefore(since.plus(NAMELESS_HELD))) {
      return false;
    }
    log.readToEnd(delivery);
    awaited = log.position();
    awaitedIsRead = true;
    files.left(awaited);
    current = null;
    log.close();
    LOG.info("{} is gone for {} minutes: closed", path, NAMELESS_HELD.toMinutes());
    return true;
  }

  private boolean missing() {
    Instant since = missingSince;
    if (awaited.atEnd()) {
      // What comes in its place is new from its start.
      awaited = Position.NOT_THERE_YET;
    }
    if (since == null) {
      missingSince = time();
    } else if (found && current == null && !time().isBefore(since.plus(VANISHED_KEPT))) {
      forgotten = rests.isEmpty();
    }
    return false;
  }

  /** Leaves a rotated file that was read to its end for the one that now has its name. */
  private boolean moveOn(OpenLog log, FileState next) throws IOException {
    if (NetworkFiles.mayRenumber(path) && sameUnderAnotherNumber(log, next)) {
      return true;
    }
    LOG.info("{} was rotated: going on with the new file", path);
    log.left(time());
    rests.addLast(log);
    current = null;
    awaited = log.position();
    awaitedIsRead = true;
    return open(next);
  }

  /** Some network file systems give a file a new inode number when it was not used for a while. */
  private boolean sameUnderAnotherNumber(OpenLog log, FileState now) throws IOException {
    Optional<OpenLog> opened = OpenLog.open(path, path, now, buffer);
    if (opened.isEmpty() || log.offset() == 0 || !opened.get().goOn(log.position())) {
      if (opened.isPresent()) {
        opened.get().close();
      }
      return false;
    }
    current = opened.get();
    log.close();
    return true;
  }

  /**
   * Opens what stands at the path, and goes on in it where that was asked.
   *
   * @return whether it is open now
   */
  private boolean open(FileState now) throws IOException {
    if (files.reads(now.key())) {
      Optional<OpenLog> taken = files.take(now.key(), this);
      taken.ifPresent(
          log -> {
            log.rename(path);
            current = log;
            awaited = Position.NOT_THERE_YET;
          });
      return taken.isPresent();
    }
    Optional<OpenLog> opened = OpenLog.open(path, path, now, buffer);
    if (opened.isEmpty()) {
      return false;
    }
    OpenLog log = opened.get();
    current = log;
    Position before = awaited;
    boolean beforeIsRead = awaitedIsRead;
    awaited = Position.NOT_THERE_YET;
    awaitedIsRead = false;
    missingSince = null;
    lastWarning = "";
    if (before.atEnd()) {
      // A successor is new from its start.
      if (before.fileKey().isEmpty() || before.fileKey().equals(log.key())) {
        log.goToEnd();
      }
      return true;
    }
    if (before.begun() && before.fileKey().equals(log.key()) && log.goOn(before)) {
      if (before.offset() == 0) {
        // Nothing of it was read, so that its content does not show whether it was truncated.
        openLaterCopies(copiesSince(Rotated.around(path), before), before);
      }
      return true;
    }
    Optional<Position> known = files.known(log.key());
    if (known.isPresent() && known.get().atEnd()) {
      log.goToEnd();
    } else if (known.isPresent()) {
      // Where the inode belongs to another file by now, that one is new.
      log.goOn(known.get());
    }
    if (before.begun()) {
      if (before.fileKey().equals(log.key())) {
        recoverTruncated(before);
      } else {
        catchUp(log, before, beforeIsRead, now);
      }
    }
    return true;
  }

  /** Reads what had the name between the file before and the present one. */
  private void catchUp(OpenLog log, Position before, boolean isRead, FileState now)
      throws IOException {
    Rotated siblings = Rotated.around(path);
    boolean complete = isRead || files.reads(before.fileKey());
    Optional<Sibling> itself = siblings.byKey(before.fileKey());
    if (!files.reads(before.fileKey()) && itself.isPresent() && openRest(itself.get(), before)) {
      complete = true;
      LOG.info("{} was rotated to {} meanwhile: reading its rest first", path, itself.get().path());
    }
    List<Sibling> between = siblings.after(before, now.id());
    if (!complete) {
      Optional<Sibling> copy = openCopy(between, before);
      complete = copy.isPresent() || (before.offset() > 0 && log.goOn(before));
      if (copy.isPresent()) {
        LOG.info("{} was copied to {}: reading its rest first", path, copy.get().path());
      } else if (complete) {
        // The same bytes in another file: a restored backup, another mount.
        return;
      }
    }
    for (Sibling sibling : between) {
      if (!files.reads(sibling.state().key())
          && !wasRead(sibling)
          && openRest(sibling, Position.NOT_THERE_YET)) {
        LOG.info("{} was rotated once more: reading {} first", path, sibling.path());
      }
    }
    boolean accounted =
        warnOfPacked(siblings.packedAfter(before, now.id()), before, itself.isEmpty(), complete);
    if (!accounted) {
      LOG.warn(
          "{} is another file than before: reading it from its start; what was written to the old"
              + " one behind byte {}, if anything, is lost",
          path,
          before.offset());
    }
  }

  /**
   * Says what compressed files hold that was not read.
   *
   * @param itself whether the file before may be one of them
   * @param complete whether all of that was read
   * @return whether the rest of the file before is accounted for
   */
  private boolean warnOfPacked(
      List<Sibling> packed, Position before, boolean itself, boolean complete) {
    boolean accounted = complete;
    for (Sibling sibling : packed) {
      OptionalLong bytes = Packed.unpackedSize(sibling.path());
      boolean isBefore =
          itself
              && Math.abs(sibling.state().modified().toMillis() - before.modified()) < 1000
              && bytes.isPresent()
              && (complete
                  ? bytes.getAsLong() == before.size()
                  : bytes.getAsLong() >= before.offset());
      accounted |= isBefore;
      long lost = bytes.orElse(0) - readOf(before, isBefore, complete);
      if (bytes.isEmpty() || lost > 0) {
        LOG.warn(
            "{} was compressed to {} before it was read: {} are lost",
            path,
            sibling.path(),
            bytes.isEmpty() ? "its lines" : lost + " bytes of lines");
      }
    }
    return accounted;
  }

  private static long readOf(Position before, boolean isBefore, boolean complete) {
    if (!isBefore) {
      return 0;
    }
    return complete ? before.size() : before.offset();
  }

  private void truncated(OpenLog log) throws IOException {
    Position before = log.position();
    log.rewind();
    recoverTruncated(before);
  }

  /** Copytruncate keeps copies of what was not read yet. */
  private void recoverTruncated(Position before) throws IOException {
    Rotated siblings = Rotated.around(path);
    Optional<Path> copy = files.rereadCopy(before);
    List<Sibling> copies = copiesSince(siblings, before);
    if (copy.isEmpty()) {
      copy = openCopy(copies, before).map(Sibling::path);
    }
    openLaterCopies(copies, before);
    if (copy.isPresent()) {
      LOG.info(
          "{} was truncated: reading the rest of its copy {}, then its start", path, copy.get());
    } else if (before.offset() == 0 && before.size() == 0) {
      LOG.info("{} was truncated and filled again: reading it from its start", path);
    } else if (warnOfPacked(siblings.packedSince(before), before, true, false)) {
      LOG.info("{} was truncated: reading it from its start", path);
    } else {
      LOG.warn(
          "{} was truncated: reading it from its start; what was written to it behind byte {}{} is"
              + " lost",
          path,
          before.offset(),
          before.size() > before.offset()
              ? " (at least " + (before.size() - before.offset()) + " bytes)"
              : ", if anything,");
    }
  }

  private static List<Sibling> copiesSince(Rotated siblings, Position before) {
    return before.modified() == 0 ? List.of() : siblings.since(before);
  }

  /** Copies that were made since then are read whole, unless they hold nothing that is new. */
  private void openLaterCopies(List<Sibling> copies, Position before) throws IOException {
    for (Sibling sibling : copies) {
      if (!files.reads(sibling.state().key()) && !wasRead(sibling)) {
        openLaterCopy(sibling, before);
      }
    }
  }

  private void openLaterCopy(Sibling sibling, Position before) throws IOException {
    Optional<OpenLog> opened = OpenLog.open(sibling.path(), path, sibling.state(), buffer);
    if (opened.isEmpty()) {
      return;
    }
    OpenLog log = opened.get();
    if (before.offset() > 0 && log.beginsAs(before)) {
      // Made while the original was read beyond its end.
      log.skipToEnd();
      files.left(log.position());
      log.close();
      return;
    }
    LOG.info("{} was truncated once more: reading its copy {} first", path, sibling.path());
    log.left(time());
    rests.addLast(log);
  }

  private Optional<Sibling> openCopy(List<Sibling> candidates, Position before) {
    if (before.offset() == 0) {
      return Optional.empty();
    }
    for (Sibling candidate : candidates) {
      try {
        if (!files.reads(candidate.state().key()) && openRest(candidate, before)) {
          return Optional.of(candidate);
        }
      } catch (IOException e) {
        LOG.debug("cannot read {}", candidate.path(), e);
      }
    }
    return Optional.empty();
  }

  /**
   * Whether it is a file that was read and left. The number alone does not say so: that of a
   * deleted file goes to the next one that is made.
   */
  private boolean wasRead(Sibling sibling) throws IOException {
    Optional<Position> known = files.known(sibling.state().key());
    if (known.isEmpty() || known.get().atEnd()) {
      return known.isPresent();
    }
    Optional<OpenLog> opened = OpenLog.open(sibling.path(), path, sibling.state(), buffer);
    if (opened.isEmpty()) {
      return false;
    }
    try (OpenLog log = opened.get()) {
      return known.get().offset() > 0 && log.holds(known.get());
    }
  }

  /** Reads an older file from there; false if it is not the one that is meant. */
  private boolean openRest(Sibling sibling, Position from) throws IOException {
    if (files.reads(sibling.state().key())) {
      return false;
    }
    Optional<OpenLog> opened = OpenLog.open(sibling.path(), path, sibling.state(), buffer);
    if (opened.isEmpty()) {
      return false;
    }
    if (!opened.get().goOn(from)) {
      opened.get().close();
      return false;
    }
    opened.get().left(time());
    rests.addLast(opened.get());
    return true;
  }

  private boolean readRests(Delivery delivery) throws IOException, InterruptedException {
    for (Iterator<OpenLog> each = rests.iterator(); each.hasNext(); ) {
      OpenLog rest = each.next();
      try {
        switch (rest.look(Optional.empty(), delivery, time())) {
          case READ -> {
            return true;
          }
          case TRUNCATED -> rest.skipToEnd();
          case AT_END -> {}
        }
      } catch (IOException e) {
        LOG.warn(
            "a rotated file of {} cannot be read behind byte {}: {}",
            path,
            rest.offset(),
            e.getMessage());
        each.remove();
        rest.close();
        return true;
      }
      if (rests.size() > MAX_RESTS
          || files.tooManyRests()
          || !time().isBefore(rest.quietSince().plus(held()))) {
        rest.readToEnd(delivery);
        files.left(rest.position());
        each.remove();
        rest.close();
        return true;
      }
    }
    return false;
  }

  private Duration held() throws IOException {
    OpenLog log = current;
    return log == null || log.length() > 0 ? REST_HELD : REST_HELD_FOR_WRITER;
  }

  /** Hands a file over to the path that now is its name. */
  Optional<OpenLog> giveAway(String key) throws IOException {
    for (Iterator<OpenLog> each = rests.iterator(); each.hasNext(); ) {
      OpenLog rest = each.next();
      if (rest.key().equals(key)) {
        each.remove();
        return Optional.of(rest);
      }
    }
    OpenLog log = current;
    if (log != null && log.key().equals(key) && FileState.of(path).isEmpty()) {
      current = null;
      awaited = log.position();
      awaitedIsRead = true;
      return Optional.of(log);
    }
    return Optional.empty();
  }

  /** A copy that log rotation makes before it truncates the original also matches the pattern. */
  private void leaveOutCopy(OpenLog log) throws IOException {
    if (!log.hasNew()) {
      return;
    }
    if (time().isBefore(copyUntil)) {
      log.skipToEnd();
    } else if (log.offset() == 0 && files.isCopy(log)) {
      LOG.info("{} is a copy: what it holds is not read twice", path);
      log.skipToEnd();
      copyUntil = time().plus(COPYING);
    }
  }

  /** Reads the part of a copy that was cut off from the original before it was read. */
  Optional<Path> rereadCopy(Position original) throws IOException {
    OpenLog log = current;
    if (log == null || !found || original.offset() == 0) {
      return Optional.empty();
    }
    boolean untouched = time().isBefore(copyUntil) || log.offset() == 0;
    if (untouched && log.goOn(original)) {
      copyUntil = Instant.MIN;
      return Optional.of(path);
    }
    return Optional.empty();
  }

  /** Reads everything up to the present end; a last line without newline counts too. */
  void readToEnd(Delivery delivery) throws IOException, InterruptedException {
    OpenLog log = current;
    if (log == null) {
      throw new NoSuchFileException(path.toString(), null, "no such file, or not to be read");
    }
    for (OpenLog rest : rests) {
      rest.readToEnd(delivery);
    }
    log.readToEnd(delivery);
  }

  private Optional<FileState> look() throws IOException {
    Optional<FileState> now = FileState.of(path);
    if (now.isPresent() && !now.get().isFile()) {
      throw new IOException(
          now.get().kind() == FileState.Kind.DIRECTORY
              ? "it is a directory, no regular file; name the files in it, for instance "
                  + path.resolve("*.log")
              : "it is a device, pipe or socket, no regular file");
    }
    return now;
  }

  private Instant time() {
    return clock.instant();
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
    OpenLog log = current;
    current = null;
    if (log != null) {
      log.close();
    }
    for (OpenLog rest : rests) {
      rest.close();
    }
    rests.clear();
  }
}
