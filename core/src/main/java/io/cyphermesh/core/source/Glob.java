package io.cyphermesh.core.source;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A pattern for absolute paths: {@code *}, {@code ?}, {@code [a-z]} and {@code {a,b}} within one
 * name, and {@code **} as a whole name for any number of directories. A backslash takes the meaning
 * from what follows it.
 *
 * <p>Names that begin with a dot match only where the pattern writes that dot: they are the half
 * copied files of rsync and editors. {@code **} does not enter symbolic links, which may lead in
 * circles. Compressed files never match.
 */
final class Glob {
  private static final String SPECIAL = "*?[{";

  /** Names looked at in one scan. A pattern that meets more is too wide. */
  private static final int MAX_NAMES = 50_000;

  private static final int MAX_DEPTH = 16;

  private final String pattern;
  private final List<Segment> segments = new ArrayList<>();

  /** One name of the pattern: exactly that name, any directories, or what the matcher takes. */
  private record Segment(String name, boolean deep, Optional<PathMatcher> matcher) {
    boolean matches(Path candidate) {
      if (matcher.isEmpty()) {
        return candidate.toString().equals(name);
      }
      return matcher.get().matches(candidate)
          && (name.startsWith(".") || !candidate.toString().startsWith("."));
    }
  }

  /**
   * What one scan found.
   *
   * @param names how many names it had to look at
   */
  record Found(Set<Path> paths, List<String> problems, int names) {}

  static boolean isGlob(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '\\') {
        i++;
      } else if (SPECIAL.indexOf(path.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** The path that a text without pattern characters names. */
  static Path plain(String path) {
    return Path.of(unescaped(path));
  }

  /**
   * @throws IllegalArgumentException if it is no pattern for absolute paths
   */
  Glob(String pattern) {
    this.pattern = pattern;
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException("'" + pattern + "' is no absolute path");
    }
    for (Path part : Path.of(pattern)) {
      String name = part.toString();
      if (name.equals("**")) {
        segments.add(new Segment(name, true, Optional.empty()));
      } else if (isGlob(name)) {
        segments.add(
            new Segment(
                name, false, Optional.of(FileSystems.getDefault().getPathMatcher("glob:" + name))));
      } else {
        segments.add(new Segment(unescaped(name), false, Optional.empty()));
      }
    }
    if (segments.getLast().deep()) {
      segments.add(
          new Segment("*", false, Optional.of(FileSystems.getDefault().getPathMatcher("glob:*"))));
    }
  }

  String pattern() {
    return pattern;
  }

  /** Whether it could have found this path. */
  boolean covers(Path path) {
    return path.isAbsolute() && !Packed.byName(path.toString()) && covers(path, 0, 0);
  }

  private boolean covers(Path path, int name, int segment) {
    if (segment == segments.size()) {
      return name == path.getNameCount();
    }
    if (segments.get(segment).deep()) {
      return covers(path, name, segment + 1)
          || (name < path.getNameCount() && covers(path, name + 1, segment));
    }
    return name < path.getNameCount()
        && segments.get(segment).matches(path.getName(name))
        && covers(path, name + 1, segment + 1);
  }

  /** Looks for everything that matches now, of whatever kind it is. */
  Found scan() {
    Scan scan = new Scan();
    scan.visit(Path.of("/"), 0, 0);
    return new Found(scan.paths, scan.problems, scan.names);
  }

  private final class Scan {
    private final Set<Path> paths = new LinkedHashSet<>();
    private final List<String> problems = new ArrayList<>();
    private int names;

    private void visit(Path directory, int index, int depth) {
      Segment segment = segments.get(index);
      boolean last = index == segments.size() - 1;
      if (segment.deep()) {
        visit(directory, index + 1, depth);
        if (depth < MAX_DEPTH) {
          for (Path name : list(directory)) {
            if (!name.toString().startsWith(".")
                && Files.isDirectory(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
              visit(directory.resolve(name), index, depth + 1);
            }
          }
        }
      } else if (segment.matcher().isEmpty()) {
        Path next = directory.resolve(segment.name());
        if (!last) {
          visit(next, index + 1, depth);
        } else if (!Packed.byName(segment.name()) && Files.exists(next)) {
          paths.add(next);
        }
      } else {
        for (Path name : list(directory)) {
          if (segment.matches(name)) {
            Path next = directory.resolve(name);
            if (!last) {
              if (Files.isDirectory(next)) {
                visit(next, index + 1, depth);
              }
            } else if (!Packed.byName(name.toString())) {
              paths.add(next);
            }
          }
        }
      }
    }

    private List<Path> list(Path directory) {
      List<Path> found = new ArrayList<>();
      if (names >= MAX_NAMES || !Files.isDirectory(directory)) {
        return found;
      }
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          if (++names >= MAX_NAMES) {
            problems.add(
                pattern + " meets more than " + MAX_NAMES + " names; what lies behind is not seen");
            break;
          }
          found.add(entry.getFileName());
        }
      } catch (IOException | DirectoryIteratorException e) {
        problems.add("cannot look for " + pattern + " in " + directory + ": " + e.getMessage());
      }
      return found;
    }
  }

  private static String unescaped(String name) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == '\\' && i + 1 < name.length()) {
        i++;
      }
      plain.append(name.charAt(i));
    }
    return plain.toString();
  }
}
