package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/**
 * Which users could put code into the node by way of a plugins folder or a jar in it.
 *
 * <p>Refused is what its group or all users may write; what lies below a folder that they may
 * write, since they could exchange it whole, unless the folder is sticky, as {@code /tmp} is; and
 * in a sticky one, what does not belong to root or the node's user, since anybody may have made it
 * there. Symbolic links are followed one by one, and the folder of each is judged as well.
 *
 * <p>Elsewhere the owner does not count. In a container the plugins folder usually is mounted from
 * the host, where it belongs to the operator's own account and the node runs under another number;
 * and that owner was named by the operator, by naming the folder.
 *
 * <p>A folder <i>above</i> may be writable for its owner's private group, that is one with the
 * owner's number and name: several distributions give all new folders to it, and it has no other
 * members. The plugins folder itself may not.
 */
final class FolderGuard {
  private static final int GROUP_WRITES = 0020;
  private static final int OTHERS_WRITE = 0002;
  private static final int STICKY = 01000;

  /** As many as Linux follows. */
  private static final int MAX_LINKS = 40;

  private FolderGuard() {}

  /**
   * Why a folder of plugins or a jar is not safe to load from, with what to do; empty where it is
   * safe, is not there, or the file system knows no such permissions.
   */
  static Optional<String> fault(Path folderOrJar) {
    Path path = folderOrJar.toAbsolutePath();
    Path root = path.getRoot();
    if (root == null || !path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return Optional.empty();
    }
    try {
      return fault(path, root);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("its permissions cannot be read: " + e.getMessage());
    }
  }

  private static Optional<String> fault(Path path, Path root) throws IOException {
    Deque<Path> left = new ArrayDeque<>();
    path.forEach(left::add);
    Path at = root;
    Node node = node(at);
    int links = 0;
    while (!left.isEmpty()) {
      String name = left.remove().toString();
      if (name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = at.getParent() == null ? at : at.getParent();
        node = node(at);
        continue;
      }
      Optional<String> above = above(at, node);
      if (above.isPresent()) {
        return above;
      }
      Path next = at.resolve(name);
      Node inner = node(next);
      if (node.has(STICKY)
          && node.has(OTHERS_WRITE | GROUP_WRITES)
          && inner.uid() != 0
          && inner.uid() != self()) {
        return Optional.of(
            "%s belongs to %s, in a folder where others may write: move it, or chown it to %d"
                .formatted(next, Files.getOwner(next, LinkOption.NOFOLLOW_LINKS), self()));
      }
      if (inner.link()) {
        if (++links > MAX_LINKS) {
          return Optional.of("it has more than " + MAX_LINKS + " symbolic links");
        }
        Path target = Files.readSymbolicLink(next);
        Deque<Path> further = new ArrayDeque<>();
        target.forEach(further::add);
        further.addAll(left);
        left = further;
        if (target.isAbsolute()) {
          at = root;
          node = node(at);
        }
        continue;
      }
      at = next;
      node = inner;
    }
    return own(at, node);
  }

  private static Optional<String> own(Path path, Node node) {
    if (node.has(OTHERS_WRITE)) {
      return Optional.of("every user of this machine may change it: chmod go-w " + path);
    }
    return node.has(GROUP_WRITES)
        ? Optional.of("its group may change it: chmod go-w " + path)
        : Optional.empty();
  }

  private static Optional<String> above(Path path, Node node) throws IOException {
    if (node.has(STICKY)) {
      return Optional.empty();
    }
    if (node.has(OTHERS_WRITE)) {
      return Optional.of(
          "every user of this machine may exchange it, by way of %s above it: chmod go-w %s"
              .formatted(path, path));
    }
    return node.has(GROUP_WRITES) && !node.privateGroup(path)
        ? Optional.of(
            "a group may exchange it, by way of %s above it: chmod g-w %s".formatted(path, path))
        : Optional.empty();
  }

  private static Node node(Path path) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:mode,uid,gid,isSymbolicLink", LinkOption.NOFOLLOW_LINKS);
    return new Node(
        (int) attributes.getOrDefault("mode", 0),
        (int) attributes.getOrDefault("uid", 0),
        (int) attributes.getOrDefault("gid", 0),
        (boolean) attributes.getOrDefault("isSymbolicLink", false));
  }

  private static int self() throws IOException {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (NoSuchFileException e) {
      // No Linux. The home belongs to whoever runs this.
      return (int) Files.getAttribute(Path.of(System.getProperty("user.home", "/")), "unix:uid");
    }
  }

  private record Node(int mode, int uid, int gid, boolean link) {
    boolean has(int bits) {
      return !link && (mode & bits) != 0;
    }

    boolean privateGroup(Path path) throws IOException {
      return uid == gid
          && Files.getAttribute(path, "unix:owner", LinkOption.NOFOLLOW_LINKS)
              .toString()
              .equals(Files.getAttribute(path, "unix:group", LinkOption.NOFOLLOW_LINKS).toString());
    }
  }
}
