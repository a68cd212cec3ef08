package io.cyphermesh.api;

import java.util.List;

/**
 * Which files to follow.
 *
 * <p>A path may be a pattern: {@code *}, {@code ?}, {@code [0-9]} and {@code {a,b}} within one
 * name, {@code **} as a whole name for any number of folders. A backslash before such a character
 * takes its meaning. Names that begin with a dot, compressed files and everything that is no
 * regular file are left out; symbolic links are followed, except to folders below {@code **}. A
 * file that appears while the pattern is followed is read from its start. A file is read once,
 * however many names it has or gets.
 *
 * @param paths files or patterns, absolute; a file that does not exist yet is waited for
 * @param from where to begin in a file that was never followed before, if it is there at the start
 */
public record FollowRequest(List<String> paths, From from) {

  /** Where to begin in a file that was never followed before. */
  public enum From {
    /** At its first byte. */
    START,
    /** At its end: only what is written from now on. */
    END
  }

  public FollowRequest {
    paths = List.copyOf(paths);
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("no file to follow: name at least one");
    }
  }
}
