package io.cyphermesh.core.source;

import io.cyphermesh.core.source.FollowCheckpoint.Position;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files beside a log, and which of them once had its name.
 *
 * <p>Known names are those of logrotate and of the usual logging libraries: {@code app.log.1},
 * {@code app.log-20240102}, {@code app-20240102.log}, {@code app.1.log}, {@code app.log.old}. Where
 * the path is a symbolic link, files count whose names differ from its target's only in digits.
 */
final class Rotated {
  /** Names looked at in one directory. */
  private static final int MAX_NAMES = 20_000;

  private static final Pattern NUMBER_OR_DATE =
      Pattern.compile("[.\\-_~]?(\\d[\\dTZ.:_+\\-]*|old|prev|bak)");

  /**
   * For how long the last writes to a file may come after those to its successor, in milliseconds:
   * workers reopen a log one after the other.
   */
  private static final long LATE_WRITES = 60_000;

  /** One plain file of the directory. */
  record Sibling(Path path, FileState state) {}

  private final List<Sibling> all = new ArrayList<>();
  private final List<Sibling> plain = new ArrayList<>();
  private final List<Sibling> packed = new ArrayList<>();

  private Rotated() {}

  /** Looks around {@code path}, and where that is a link, around its target. */
  static Rotated around(Path path) throws IOException {
    Rotated found = new Rotated();
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      return found;
    }
    Set<Path> directories = new LinkedHashSet<>();
    directories.add(real(parent));
    Optional<Pattern> family = Optional.empty();
    if (Files.isSymbolicLink(path)) {
      Path target = parent.resolve(Files.readSymbolicLink(path)).normalize();
      Path there = target.getParent();
      if (there != null) {
        directories.add(real(there));
      }
      family = Optional.of(family(target.getFileName().toString()));
    }
    for (Path directory : directories) {
      found.list(directory, path.getFileName().toString(), family);
    }
    return found;
  }

  /** The file with this key, under whatever name. */
  Optional<Sibling> byKey(String key) {
    return all.stream().filter(sibling -> sibling.state().key().equals(key)).findFirst();
  }

  /** Plain files written since {@code last}, the oldest first: copies of a truncated file. */
  List<Sibling> since(Position last) {
    return since(plain, last);
  }

  /** Compressed files of which the originals were written since then. */
  List<Sibling> packedSince(Position last) {
    return since(packed, last);
  }

  private static List<Sibling> since(List<Sibling> from, Position last) {
    // Where nothing was read, a file of the same moment is the one before.
    long modified = last.offset() == 0 ? last.modified() + 1 : last.modified();
    return from.stream()
        .filter(sibling -> !sibling.state().key().equals(last.fileKey()))
        .filter(sibling -> sibling.state().size() > 0)
        .filter(sibling -> sibling.state().modified().toMillis() >= modified)
        .toList();
  }

  /**
   * Plain files that had the name after the one in which {@code last} stands, the oldest first.
   *
   * @param present the {@link FileState#id} of the file that has it now
   */
  List<Sibling> after(Position last, Object present) {
    return after(plain, last, present);
  }

  /** Compressed files that had the name after that one, or are that one. */
  List<Sibling> packedAfter(Position last, Object present) {
    return after(packed, last, present);
  }

  private List<Sibling> after(List<Sibling> from, Position last, Object present) {
    Optional<FileState> itself =
        byKey(last.fileKey()).map(Sibling::state).filter(state -> !state.id().equals(present));
    long modified = itself.map(state -> state.modified().toMillis()).orElse(last.modified());
    long born = itself.map(state -> state.born().toMillis()).orElse(last.born());
    if (modified == 0) {
      // A checkpoint of a version that did not keep it.
      return List.of();
    }
    return from.stream()
        .filter(sibling -> !sibling.state().id().equals(present))
        .filter(sibling -> !sibling.state().key().equals(last.fileKey()))
        .filter(sibling -> sibling.state().size() > 0)
        .filter(sibling -> isAfter(sibling.state(), modified, born))
        .toList();
  }

  private static boolean isAfter(FileState state, long modified, long born) {
    long written = state.modified().toMillis();
    return written >= modified
        || (state.born().toMillis() > born
            && !state.born().equals(state.modified())
            && written >= modified - LATE_WRITES);
  }

  private void list(Path directory, String base, Optional<Pattern> family) throws IOException {
    int names = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (++names > MAX_NAMES) {
          break;
        }
        look(entry, base, family);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Comparator<Sibling> byTime = Comparator.comparing(sibling -> sibling.state().modified());
    plain.sort(byTime);
    packed.sort(byTime);
  }

  private void look(Path entry, String base, Optional<Pattern> family) {
    Optional<FileState> state;
    try {
      state = FileState.of(entry);
    } catch (IOException _) {
      return;
    }
    if (state.isEmpty() || !state.get().isFile() || Files.isSymbolicLink(entry)) {
      return;
    }
    Sibling sibling = new Sibling(entry, state.get());
    all.add(sibling);
    String name = Packed.plainName(entry.getFileName().toString());
    if (isRotated(base, name) || (family.isPresent() && family.get().matcher(name).matches())) {
      (Packed.byName(entry.getFileName().toString()) ? packed : plain).add(sibling);
    }
  }

  /** Whether a file of that path once had the path {@code base}, by their names. */
  static boolean isRotated(Path base, Path path) {
    return Objects.equals(base.getParent(), path.getParent())
        && isRotated(base.getFileName().toString(), path.getFileName().toString());
  }

  /** Whether a file of that name once was {@code base}. */
  static boolean isRotated(String base, String name) {
    if (name.startsWith(base)) {
      return NUMBER_OR_DATE.matcher(name.substring(base.length())).matches();
    }
    int dot = base.lastIndexOf('.');
    if (dot <= 0) {
      return false;
    }
    String stem = base.substring(0, dot);
    String extension = base.substring(dot);
    return name.length() > base.length()
        && name.startsWith(stem)
        && name.endsWith(extension)
        && NUMBER_OR_DATE
            .matcher(name.substring(stem.length(), name.length() - extension.length()))
            .matches();
  }

  private static Pattern family(String target) {
    StringBuilder pattern = new StringBuilder();
    int from = 0;
    while (from < target.length()) {
      boolean digits = Character.isDigit(target.charAt(from));
      int to = from + 1;
      while (to < target.length() && Character.isDigit(target.charAt(to)) == digits) {
        to++;
      }
      pattern.append(digits ? "\\d+" : Pattern.quote(target.substring(from, to)));
      from = to;
    }
    return Pattern.compile(pattern.toString());
  }

  private static Path real(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException _) {
      return directory;
    }
  }
}
