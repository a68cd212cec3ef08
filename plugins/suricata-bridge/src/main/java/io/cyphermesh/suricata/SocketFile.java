package io.cyphermesh.suricata;

import io.cyphermesh.suricata.Settings.SocketSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket's place in the file system. The socket is made under a name of its own and
 * moved to its place once its permissions are right, so that nobody meets it with others.
 */
final class SocketFile {

  /** {@code sun_path} of Linux holds 108 bytes, the last one a NUL. */
  private static final int MAX_PATH = 107;

  private static final String SUFFIX = ".new";
  private static final int TYPE_MASK = 0170000;
  private static final int SOCKET = 0140000;

  private final Path path;
  private final Path temporary;
  private final int mode;
  private @Nullable Object key;

  /**
   * @throws IllegalArgumentException if path or mode cannot be; the message says why
   */
  SocketFile(SocketSettings settings) {
    path = Path.of(settings.path());
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(
          "sockets: '" + path + "' is no absolute path; name the socket from the root on");
    }
    temporary = Path.of(path + SUFFIX);
    int bytes = temporary.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_PATH) {
      throw new IllegalArgumentException(
          "sockets: the path %s has %d bytes; the system allows a socket %d"
              .formatted(path, bytes - SUFFIX.length(), MAX_PATH - SUFFIX.length()));
    }
    mode = mode(settings.mode().orElse("0660"));
  }

  private static int mode(String text) {
    if (!text.matches("0?[0-7]{3}")) {
      throw new IllegalArgumentException(
          "sockets: mode '" + text + "' is no permission in octal such as 0660");
    }
    return Integer.parseInt(text, 8);
  }

  Path path() {
    return path;
  }

  /** Where the socket is to be bound, before {@link #publish}. */
  Path temporary() {
    return temporary;
  }

  /**
   * Makes sure that a socket may be put there.
   *
   * @throws IOException if something else stands there, or somebody listens
   */
  void makeRoom() throws IOException {
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder + " for the socket " + path);
    }
    if (exists(path)) {
      requireStale(path);
    }
    if (exists(temporary)) {
      requireStale(temporary);
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static void requireStale(Path file) throws IOException {
    Object type = Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if (!(type instanceof Integer bits) || (bits & TYPE_MASK) != SOCKET) {
      throw new IOException(file + " is there and no socket; it is left alone");
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(file));
    } catch (ConnectException e) {
      // Refused: nobody listens there any more. A datagram socket in use gives another error.
      return;
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw new IOException("another process listens on " + file + " (" + e.getMessage() + ")", e);
    }
    throw new IOException("another process listens on " + file);
  }

  /** Gives the bound socket its permissions and its place. */
  void publish() throws IOException {
    Files.setAttribute(temporary, "unix:mode", mode);
    key = key(temporary);
    Files.move(
        temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Takes it away, unless somebody else's stands there by now. */
  void remove() throws IOException {
    Files.deleteIfExists(temporary);
    Object mine = key;
    if (mine != null && exists(path) && Objects.equals(mine, key(path))) {
      Files.deleteIfExists(path);
    }
    key = null;
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }
}
