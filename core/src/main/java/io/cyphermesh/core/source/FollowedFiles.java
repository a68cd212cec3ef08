package io.cyphermesh.core.source;

import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.core.source.FollowCheckpoint.Place;
import io.cyphermesh.core.source.FollowCheckpoint.Position;
import io.cyphermesh.core.source.OpenLog.Delivery;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that one request means: the paths that it names and those that its patterns find, none
 * of them read twice, however many names it has or gets.
 */
final class FollowedFiles implements Closeable {
  /** What positions and paths may take in a checkpoint, in bytes. */
  static final int MAX_POSITION_BYTES = 128 * 1024;

  /** Rotated files of all paths together that are still looked at. */
  static final int MAX_RESTS = 128;

  /** Files that are not read now but are known, so that they are not new when they come back. */
  private static final int MAX_KNOWN = 4096;

  /** A file that was not written to for so long makes place for a new one. */
  private static final Duration OLD = Duration.ofDays(1);

  /** After so many turns patterns are looked for; a turn without news takes 100 ms. */
  private static final int TURNS_PER_SCAN = 5;

  /** Where a scan meets many names it is done less often: a turn more for each of these. */
  private static final int NAMES_PER_TURN = 200;

  private static final Logger LOG = LoggerFactory.getLogger(FollowedFiles.class);

  private final FollowRequest request;
  private final FollowSettings settings;
  private final InstantSource clock;
  private final byte[] buffer;
  private final List<Glob> globs = new ArrayList<>();
  private final Map<Path, TailFile> files = new LinkedHashMap<>();
  private final Map<String, Position> known =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Position> eldest) {
          return size() > MAX_KNOWN;
        }
      };
  private final Set<String> told = new HashSet<>();
  private int positionBytes;
  private boolean crowded;
  private boolean changed;
  private int scannedNames;
  private int turnsToScan;

  FollowedFiles(
      FollowRequest request, FollowSettings settings, InstantSource clock, byte[] buffer) {
    this.request = request;
    this.settings = settings;
    this.clock = clock;
    this.buffer = buffer;
  }

  /**
   * Opens what is there.
   *
   * @throws IOException if no file can be followed at all; the message names one and says why
   */
  void begin(Optional<FollowCheckpoint> start) throws IOException {
    Map<String, Place> places = start.map(FollowCheckpoint::places).orElse(Map.of());
    for (Place place : places.values()) {
      remember(place.current());
      place.rests().forEach(this::remember);
    }
    List<IOException> failures = new ArrayList<>();
    List<TailFile> named = new ArrayList<>();
    for (String name : request.paths()) {
      if (Glob.isGlob(name)) {
        globs.add(new Glob(name));
      } else {
        add(Glob.plain(name), false).ifPresent(named::add);
      }
    }
    for (TailFile file : named) {
      begin(file, Optional.ofNullable(places.get(file.path().toString())), startsAtEnd(), failures);
    }
    places.forEach(
        (name, place) -> {
          Path path = Path.of(name);
          if (place.found()
              && !files.containsKey(path)
              && globs.stream().anyMatch(glob -> glob.covers(path))) {
            add(path, true).ifPresent(file -> begin(file, Optional.of(place), false, failures));
          }
        });
    Set<String> seen = new HashSet<>(start.map(FollowCheckpoint::globs).orElse(List.of()));
    boolean wasCrowded = start.map(FollowCheckpoint::crowded).orElse(false);
    for (Glob glob : globs) {
      boolean fresh = !seen.contains(glob.pattern());
      admit(scan(glob), fresh ? startsAtEnd() : wasCrowded, failures);
    }
    if (globs.isEmpty() && !failures.isEmpty() && failures.size() == files.size()) {
      throw failures.getFirst();
    }
    for (IOException failure : failures) {
      LOG.warn("{}", failure.getMessage());
    }
    if (settings.untilEnd() && files.isEmpty()) {
      throw new NoSuchFileException(String.join(", ", request.paths()), null, "no file matches");
    }
  }

  private boolean startsAtEnd() {
    return request.from() == FollowRequest.From.END && !settings.untilEnd();
  }

  private static void begin(
      TailFile file, Optional<Place> place, boolean atEnd, List<IOException> failures) {
    try {
      if (place.isPresent()) {
        file.resume(place.get());
      } else {
        file.begin(atEnd);
      }
    } catch (IOException e) {
      failures.add(new IOException("cannot follow " + file.path() + ": " + e.getMessage(), e));
    }
  }

  /**
   * Gives every file its turn.
   *
   * @return whether any had something to do
   */
  boolean turn(Delivery delivery) throws InterruptedException {
    scanWhenDue();
    boolean busy = false;
    for (TailFile file : files.values()) {
      busy |= file.turn(delivery);
    }
    return busy;
  }

  /** Reads everything to its end, the files that patterns found in the order of their times. */
  void readToEnd(Delivery delivery) throws IOException, InterruptedException {
    for (TailFile file : files.values()) {
      file.readToEnd(delivery);
    }
  }

  FollowCheckpoint checkpoint(Optional<byte[]> snapshot) {
    Map<String, Place> places = new LinkedHashMap<>();
    for (TailFile file : files.values()) {
      places.put(file.path().toString(), file.place());
    }
    return new FollowCheckpoint(
        places, globs.stream().map(Glob::pattern).toList(), crowded, snapshot);
  }

  /** Whether other paths are followed than when it was last asked. */
  boolean changed() {
    boolean answer = changed;
    changed = false;
    return answer;
  }

  // ---- what a followed path asks about the others

  /** Whether the file is read under any name. */
  boolean reads(String key) {
    return files.values().stream().anyMatch(file -> file.reads(key));
  }

  /** Where a file stood that is not read now. */
  Optional<Position> known(String key) {
    return Optional.ofNullable(known.get(key));
  }

  /** Remembers where a file stood that is read no more. */
  void left(Position position) {
    known.remove(position.fileKey());
    known.put(position.fileKey(), position);
  }

  private void remember(Position position) {
    if (position.begun() && furthest(position).equals(position)) {
      left(position);
    }
  }

  /** A file may have been left under one name and read on under another. */
  Position furthest(Position position) {
    Position other = known.get(position.fileKey());
    return other != null && position.begun() && other.offset() > position.offset()
        ? other
        : position;
  }

  /** Takes a file from the path that was its name before. Empty if that still is its name. */
  Optional<OpenLog> take(String key, TailFile by) throws IOException {
    for (TailFile file : files.values()) {
      if (file != by && file.reads(key)) {
        return file.giveAway(key);
      }
    }
    return Optional.empty();
  }

  /** Whether a file that is new is a copy of one that is read and stands beside it. */
  boolean isCopy(OpenLog log) throws IOException {
    for (TailFile file : files.values()) {
      Optional<OpenLog> original = file.current();
      if (original.isPresent()
          && original.get() != log
          && Rotated.isRotated(file.path(), log.path())
          && log.isCopyOf(original.get())) {
        return true;
      }
    }
    return false;
  }

  /** Goes back in a copy to where its original was cut off. */
  Optional<Path> rereadCopy(Position original) throws IOException {
    for (TailFile file : files.values()) {
      Optional<Path> copy = file.rereadCopy(original);
      if (copy.isPresent()) {
        return copy;
      }
    }
    return Optional.empty();
  }

  boolean tooManyRests() {
    return files.values().stream().mapToInt(TailFile::rests).sum() > MAX_RESTS;
  }

  // ---- patterns

  private void scanWhenDue() {
    if (globs.isEmpty() || --turnsToScan > 0) {
      return;
    }
    scannedNames = 0;
    drop(files.values().stream().filter(TailFile::forgotten).toList());
    List<IOException> failures = new ArrayList<>();
    for (Glob glob : globs) {
      admit(scan(glob), false, failures);
    }
    for (IOException failure : failures) {
      tell(String.valueOf(failure.getMessage()));
    }
    turnsToScan = Math.max(TURNS_PER_SCAN, scannedNames / NAMES_PER_TURN);
  }

  /** What a pattern finds that is not followed yet, by time. */
  private List<Rotated.Sibling> scan(Glob glob) {
    Glob.Found found = glob.scan();
    found.problems().forEach(this::tell);
    scannedNames += found.names();
    List<Rotated.Sibling> fresh = new ArrayList<>();
    for (Path path : found.paths()) {
      if (!files.containsKey(path)) {
        try {
          FileState.of(path)
              .filter(FileState::isFile)
              .ifPresent(state -> fresh.add(new Rotated.Sibling(path, state)));
        } catch (IOException e) {
          tell("cannot follow " + path + ": " + e.getMessage());
        }
      }
    }
    fresh.sort(Comparator.comparing(sibling -> sibling.state().modified()));
    return fresh;
  }

  private void admit(List<Rotated.Sibling> fresh, boolean atEnd, List<IOException> failures) {
    int room = settings.maxFiles() - files.size();
    // The newest are the ones that are written to.
    int passed = Math.max(0, fresh.size() - Math.max(room, 0));
    for (int i = 0; i < fresh.size(); i++) {
      Rotated.Sibling sibling = fresh.get(i);
      String key = sibling.state().key();
      if (reads(key) && !movedHere(key)) {
        continue;
      }
      if (i < passed && !makeRoom(sibling.state())) {
        refuse(key);
        continue;
      }
      Optional<TailFile> file = add(sibling.path(), true);
      if (file.isEmpty()) {
        refuse(key);
        continue;
      }
      begin(file.get(), Optional.empty(), atEnd, failures);
    }
  }

  /** Whether the file is read under a name that it has no more. */
  private boolean movedHere(String key) {
    for (TailFile file : files.values()) {
      if (file.reads(key)) {
        try {
          return FileState.of(file.path()).filter(now -> now.key().equals(key)).isEmpty();
        } catch (IOException _) {
          return false;
        }
      }
    }
    return false;
  }

  private void refuse(String key) {
    if (!crowded) {
      crowded = true;
      LOG.warn(
          "there are more files than the {} that are followed at once, or their names are too"
              + " long: the others are left out; narrow the patterns {}",
          settings.maxFiles(),
          globs.stream().map(Glob::pattern).toList());
    }
    if (!known.containsKey(key)) {
      left(Position.atEndOf(key));
    }
  }

  /** Drops the file that was not written to for longest, if that is long ago. */
  private boolean makeRoom(FileState candidate) {
    Optional<TailFile> oldest =
        files.values().stream()
            .filter(TailFile::found)
            .min(Comparator.comparing(file -> file.lastWritten().orElse(Instant.EPOCH)));
    if (oldest.isEmpty()
        || oldest.get().lastWritten().orElse(Instant.EPOCH).isAfter(clock.instant().minus(OLD))
        || candidate.modified().toInstant().isBefore(clock.instant().minus(OLD))) {
      return false;
    }
    drop(List.of(oldest.get()));
    return true;
  }

  private Optional<TailFile> add(Path path, boolean found) {
    int bytes = bytes(path);
    if (files.containsKey(path)) {
      return Optional.empty();
    }
    if (files.size() >= settings.maxFiles() || positionBytes + bytes > MAX_POSITION_BYTES) {
      if (!found) {
        tell("too many files: " + path + " is not followed");
      }
      return Optional.empty();
    }
    TailFile file = new TailFile(path, found, this, buffer, clock);
    files.put(path, file);
    positionBytes += bytes;
    changed = true;
    return Optional.of(file);
  }

  private void drop(List<TailFile> dropped) {
    for (TailFile file : dropped) {
      remember(file.place().current());
      files.remove(file.path());
      positionBytes -= bytes(file.path());
      changed = true;
      try {
        file.close();
      } catch (IOException e) {
        LOG.debug("cannot close {}", file.path(), e);
      }
    }
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length
        + FollowCheckpoint.POSITION_BYTES;
  }

  /** Says a thing once. */
  private void tell(String problem) {
    if (told.size() < MAX_KNOWN && told.add(problem)) {
      LOG.warn("{}", problem);
    }
  }

  @Override
  public void close() throws IOException {
    for (TailFile file : files.values()) {
      file.close();
    }
  }
}
