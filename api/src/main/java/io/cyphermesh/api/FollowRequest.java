package io.cyphermesh.api;

import java.util.List;

/**
 * Which files to follow.
 *
 * @param paths files, absolute; a file that does not exist yet is waited for
 * @param from where to begin in a file that was never followed before
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
