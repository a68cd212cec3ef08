package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jars that the operator pinned: {@code plugins.pins} in the data directory, in {@code
 * sha256sum}'s format, so that {@code sha256sum *.jar >> plugins.pins} pins, too. Empty lines and
 * such that begin with {@code #} are the operator's own.
 *
 * <p>It belongs to whom the data directory belongs to, also where root changes it: else the node
 * could not read it any more.
 *
 * <p>It is read again for each question: questions are rare, and an answer must not be old. May be
 * used by several processes and threads; changes are made one after another and whole.
 */
public final class PinFile {
  private static final Logger LOG = LoggerFactory.getLogger(PinFile.class);
  private static final Pattern LINE = Pattern.compile("\\\\?([0-9a-fA-F]{64})(?:[ \t].*)?");
  private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

  /** Some 10,000 pins. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final Path file;
  private String known = "";
  private Set<String> pins = Set.of();

  /**
   * A file that need not be there.
   *
   * @param dataDirectory the node's
   */
  public PinFile(Path dataDirectory) {
    this.file = dataDirectory.resolve("plugins.pins");
  }

  /** Where it is. */
  public Path path() {
    return file;
  }

  /**
   * Whether a jar is pinned.
   *
   * @param sha256 of its content, in hexadecimal
   * @throws IOException if it cannot be read, or if others than its owner may write it
   */
  public synchronized boolean contains(String sha256) throws IOException {
    String text = text();
    if (!text.equals(known)) {
      pins = parse(text);
      known = text;
    }
    return pins.contains(sha256.toLowerCase(Locale.ROOT));
  }

  /**
   * Pins a jar. Returns when that is on disk. One that is pinned stays as it is.
   *
   * @param sha256 64 hexadecimal digits
   * @param name for people, for instance the jar's file name
   * @return whether it was not pinned yet
   */
  public synchronized boolean add(String sha256, String name) throws IOException {
    String hash = requireHash(sha256);
    DataOwner owner = DataOwner.of(folder());
    try (FileChannel _ = lock(owner)) {
      if (contains(hash)) {
        return false;
      }
      List<String> lines = new ArrayList<>(text().lines().toList());
      lines.add(hash + "  " + JarInspection.shown(name));
      write(owner, lines);
      return true;
    }
  }

  /**
   * Unpins a jar. Returns when that is on disk.
   *
   * @return whether it was pinned
   */
  public synchronized boolean remove(String sha256) throws IOException {
    String hash = requireHash(sha256);
    DataOwner owner = DataOwner.of(folder());
    try (FileChannel _ = lock(owner)) {
      if (!contains(hash)) {
        return false;
      }
      write(owner, text().lines().filter(line -> !pin(line).equals(Optional.of(hash))).toList());
      return true;
    }
  }

  private static String requireHash(String sha256) {
    if (!isHash(sha256)) {
      throw new IllegalArgumentException("'" + sha256 + "' is no SHA-256 of 64 hexadecimal digits");
    }
    return sha256.toLowerCase(Locale.ROOT);
  }

  static boolean isHash(String text) {
    return HASH.matcher(text).matches();
  }

  private String text() throws IOException {
    try {
      if (!Files.isRegularFile(file)) {
        if (Files.exists(file)) {
          throw new IOException(file + " is no plain file");
        }
        return "";
      }
      requireOwnersOnly();
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
      }
      // Names may be in any encoding; the hashes are ASCII in each.
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private void requireOwnersOnly() throws IOException {
    if (!posix()) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("others may write " + file + ": chmod go-w " + file);
    }
  }

  private Set<String> parse(String text) {
    Set<String> found = new HashSet<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      Optional<String> pin = pin(line);
      pin.ifPresent(found::add);
      if (pin.isEmpty() && !line.isBlank() && !line.startsWith("#")) {
        LOG.warn(
            "{}:{}: '{}' is left out: a line is a SHA-256 of 64 hexadecimal digits and a name",
            file,
            number,
            JarInspection.shown(line));
      }
    }
    return Set.copyOf(found);
  }

  private static Optional<String> pin(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches()
        ? Optional.of(matcher.group(1).toLowerCase(Locale.ROOT))
        : Optional.empty();
  }

  private Path folder() {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  /** Held until it is closed. Not the file itself, since that is replaced. */
  private FileChannel lock(DataOwner owner) throws IOException {
    Path place = file.resolveSibling(file.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(
            place, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly());
    try {
      owner.give(place);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    try {
      channel.lock();
      return channel;
    } catch (IOException | OverlappingFileLockException e) {
      channel.close();
      throw new IOException("another one is changing " + file + ": try again", e);
    }
  }

  private void write(DataOwner owner, List<String> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (FileChannel out =
        FileChannel.open(
            draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly())) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      out.force(true);
    }
    try {
      owner.give(draft);
    } catch (IOException e) {
      Files.deleteIfExists(draft);
      throw e;
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    // The name itself is on disk only when its folder is.
    try (FileChannel folder = FileChannel.open(folder(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] ownerOnly() {
    return posix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
