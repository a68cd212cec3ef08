package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import java.util.Optional;

/**
 * Whose node lives in a data directory. Much in it is readable for its owner alone, so what root
 * puts there for the node must become the node's.
 */
public final class DataOwner {
  private static final int ROOT = 0;

  private final Path dataDirectory;

  /** Empty where that is the user of this process, or cannot be told. */
  private final Optional<UserPrincipal> other;

  private DataOwner(Path dataDirectory, Optional<UserPrincipal> other) {
    this.dataDirectory = dataDirectory;
    this.other = other;
  }

  /**
   * Finds out whose it is; one that is not there will be ours.
   *
   * @throws IOException if it is another's and this process cannot give them files; the message
   *     says who can do it
   */
  public static DataOwner of(Path dataDirectory) throws IOException {
    Path self = Path.of("/proc/self");
    return !Files.exists(self)
        ? new DataOwner(dataDirectory, Optional.empty())
        : of(dataDirectory, (int) Files.getAttribute(self, "unix:uid"));
  }

  static DataOwner of(Path dataDirectory, int self) throws IOException {
    // The directory may have been made by whoever mounts it for the node; this one the node makes.
    Path run = dataDirectory.resolve("run");
    boolean lived = Files.exists(run);
    Path theirs = lived ? run : dataDirectory;
    try {
      if (self == (int) Files.getAttribute(theirs, "unix:uid")) {
        return new DataOwner(dataDirectory, Optional.empty());
      }
      UserPrincipal owner = Files.getOwner(theirs);
      if (self == ROOT) {
        return new DataOwner(dataDirectory, Optional.of(owner));
      }
      if (!lived && Files.isWritable(dataDirectory)) {
        return new DataOwner(dataDirectory, Optional.empty());
      }
      throw new IOException(runAs(owner, dataDirectory));
    } catch (NoSuchFileException e) {
      return new DataOwner(dataDirectory, Optional.empty());
    }
  }

  /**
   * Gives them a file or folder that this process made. Of a symbolic link it is the link itself:
   * who may write there must not be able to have any other file given to them.
   */
  public void give(Path made) throws IOException {
    if (other.isEmpty()) {
      return;
    }
    FileOwnerAttributeView view =
        Objects.requireNonNull(
            Files.getFileAttributeView(
                made, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS));
    if (view.getOwner().equals(other.get())) {
      return;
    }
    try {
      view.setOwner(other.get());
    } catch (FileSystemException e) {
      throw new IOException(runAs(other.get(), dataDirectory), e);
    }
  }

  private static String runAs(UserPrincipal owner, Path dataDirectory) {
    return "run this as " + owner.getName() + ", whose data directory " + dataDirectory + " is";
  }
}
