package io.cyphermesh.core.plugin;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a jar that nobody trusts yet, as bytes, before the JDK's own readers see it: those take a
 * jar's word for its sizes, keep whole tables of contents in memory, and forgive what only an
 * attacker writes.
 *
 * <p>The reading is stricter than the JDK's and never laxer, so that both see the same entries:
 * exactly one end record, at the very end; the table of contents right before it; each entry's
 * bytes its own, not shared with another; every byte inflated once, measured and held against its
 * checksum. Nothing is kept and nothing is written; a bomb costs at most {@link #MAX_TOTAL} bytes
 * of inflating. Jars inside the jar are bytes like others, since nothing unpacks them.
 *
 * <p>Works on a file that nobody else writes meanwhile, so on the node's own copy. Formats: APPNOTE
 * 6.3.10 of PKWARE; overlapping entries: D. Fifield, <i>A better zip bomb</i>, WOOT 2019.
 */
final class JarInspection {
  /** Bytes of a jar. */
  static final long MAX_FILE = 256L * 1024 * 1024;

  /** One fewer than what needs Zip64. */
  static final int MAX_ENTRIES = 65_534;

  /** Bytes of all names and attributes together. */
  static final int MAX_DIRECTORY = 32 * 1024 * 1024;

  /** Bytes of one entry, inflated. */
  static final long MAX_ENTRY = 64L * 1024 * 1024;

  /** Bytes of a class. */
  static final long MAX_CLASS = 16L * 1024 * 1024;

  /**
   * Bytes of a manifest or a signature file. A signed jar names each entry there, some 30,000 fit;
   * and each byte of a hostile one costs up to twenty in memory.
   */
  static final long MAX_MANIFEST = 4L * 1024 * 1024;

  /** Bytes of what the node itself reads whole: lists of names, defaults. */
  static final long MAX_TEXT = 1024 * 1024;

  /** Bytes of all entries, inflated. */
  static final long MAX_TOTAL = 1024L * 1024 * 1024;

  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
  private static final int ZIP64_LOCATOR_SIZE = 20;
  private static final int CENTRAL_SIGNATURE = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int MAX_COMMENT = 0xffff;
  private static final long ZIP64_MARK = 0xffff_ffffL;

  /** Bits 0, 6 and 13 of an entry's flags: encrypted, strongly encrypted, masked. */
  private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;

  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int SHOWN_NAME = 120;

  private final RandomAccessFile file;
  private final long size;
  private final byte[] out = new byte[64 * 1024];

  /** A piece of the file: entries lie one behind another, and most are small. */
  private final byte[] window = new byte[64 * 1024];

  private long windowStart;
  private int windowLength;

  private JarInspection(RandomAccessFile file, long size) {
    this.file = file;
    this.size = size;
  }

  /**
   * Checks a jar whole. Returns if it is safe to open, which says nothing of who made it.
   *
   * @throws PluginRefusedException with the first thing that is wrong
   */
  static void check(Path jar) throws PluginRefusedException {
    requirePlainFile(jar);
    // No channel: an interrupt would close it, and a jar would be refused for that.
    try (RandomAccessFile file = new RandomAccessFile(jar.toFile(), "r")) {
      new JarInspection(file, file.length()).checkAll();
    } catch (IOException e) {
      throw unreadable(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /**
   * Whether something may be opened and copied at all: a file of a bearable size, also behind a
   * symbolic link. Opens nothing, since opening a named pipe would wait for its writer for ever.
   *
   * @throws PluginRefusedException if not
   */
  static void requirePlainFile(Path jar) throws PluginRefusedException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(jar, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw new PluginRefusedException("there is no such file", e);
    } catch (IOException e) {
      throw new PluginRefusedException("it cannot be read: " + e.getMessage(), e);
    }
    if (!attributes.isRegularFile()) {
      throw new PluginRefusedException(
          attributes.isDirectory() ? "it is a folder, not a jar" : "it is no plain file");
    }
    if (attributes.size() > MAX_FILE) {
      throw new PluginRefusedException(
          "it has " + attributes.size() + " bytes; a plugin has at most " + MAX_FILE);
    }
  }

  private void checkAll() throws IOException, PluginRefusedException {
    if (size > MAX_FILE) {
      throw new PluginRefusedException("it grew over " + MAX_FILE + " bytes while it was read");
    }
    Directory directory = directory();
    List<Entry> entries = entries(directory);
    entries.sort(Comparator.comparingLong(Entry::offset));
    long free = 0;
    Inflater inflater = new Inflater(true);
    try {
      for (Entry entry : entries) {
        if (entry.offset() < free) {
          throw refused(entry, "shares its bytes with another entry");
        }
        long start = dataStart(entry, directory.offset());
        free = start + entry.packed();
        if (free > directory.offset()) {
          throw refused(entry, "runs into the table of contents");
        }
        read(entry, start, inflater);
      }
    } finally {
      inflater.end();
    }
  }

  /** Where the table of contents is, and how many entries it says to have. */
  private record Directory(long offset, int length, int entries) {}

  /**
   * An entry as the table of contents has it.
   *
   * @param name as it stands there, in UTF-8
   * @param packed bytes in the jar
   * @param size bytes once inflated, as declared
   */
  private record Entry(String name, int method, long crc, long packed, long size, long offset) {
    boolean folder() {
      return name.endsWith("/");
    }
  }

  private Directory directory() throws IOException, PluginRefusedException {
    int tail = (int) Math.min(size, END_SIZE + MAX_COMMENT + ZIP64_LOCATOR_SIZE);
    byte[] bytes = new byte[tail];
    readFully(size - tail, bytes, tail);
    ByteBuffer buffer = littleEndian(bytes);
    int end = tail - END_SIZE;
    while (end >= 0 && buffer.getInt(end) != END_SIGNATURE) {
      end--;
    }
    if (end < 0) {
      throw unreadable("it has no end, so it is cut off or no jar at all");
    }
    long endOffset = size - tail + end;
    if (end + END_SIZE + u16(buffer, end + 20) != tail) {
      throw unreadable("there is something behind its end");
    }
    int entries = u16(buffer, end + 10);
    long length = u32(buffer, end + 12);
    long offset = u32(buffer, end + 16);
    boolean zip64 =
        end >= ZIP64_LOCATOR_SIZE
            && buffer.getInt(end - ZIP64_LOCATOR_SIZE) == ZIP64_LOCATOR_SIGNATURE;
    if (zip64 || entries > MAX_ENTRIES || length == ZIP64_MARK || offset == ZIP64_MARK) {
      throw new PluginRefusedException(
          "it is a Zip64 archive; a plugin has at most " + MAX_ENTRIES + " entries");
    }
    if (u16(buffer, end + 4) != 0 || u16(buffer, end + 6) != 0 || u16(buffer, end + 8) != entries) {
      throw unreadable("it is one part of several");
    }
    if (length > MAX_DIRECTORY) {
      throw new PluginRefusedException(
          "its table of contents has " + length + " bytes; at most " + MAX_DIRECTORY + " are read");
    }
    if (offset + length != endOffset) {
      throw unreadable("its table of contents is not where it says");
    }
    return new Directory(offset, (int) length, entries);
  }

  private List<Entry> entries(Directory directory) throws IOException, PluginRefusedException {
    byte[] bytes = new byte[directory.length()];
    readFully(directory.offset(), bytes, bytes.length);
    ByteBuffer buffer = littleEndian(bytes);
    List<Entry> entries = new ArrayList<>(directory.entries());
    Set<String> names = HashSet.newHashSet(directory.entries());
    long total = 0;
    int at = 0;
    while (at < bytes.length) {
      if (bytes.length - at < CENTRAL_SIZE || buffer.getInt(at) != CENTRAL_SIGNATURE) {
        throw unreadable("its table of contents is broken");
      }
      int nameLength = u16(buffer, at + 28);
      int next = at + CENTRAL_SIZE + nameLength + u16(buffer, at + 30) + u16(buffer, at + 32);
      if (next > bytes.length) {
        throw unreadable("its table of contents is broken");
      }
      byte[] name = Arrays.copyOfRange(bytes, at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength);
      Entry entry =
          new Entry(
              text(name),
              u16(buffer, at + 10),
              u32(buffer, at + 16),
              u32(buffer, at + 20),
              u32(buffer, at + 24),
              u32(buffer, at + 42));
      requireGoodName(entry);
      requireReadable(entry, u16(buffer, at + 8), u16(buffer, at + 34));
      total += requireSize(entry);
      // Any spelling of it is the manifest to the JDK, and two make a signed jar an unsigned one.
      String known = isManifest(entry.name()) ? "META-INF/MANIFEST.MF" : entry.name();
      if (!names.add(known)) {
        throw refused(entry, "is there twice");
      }
      entries.add(entry);
      at = next;
    }
    if (entries.size() != directory.entries()) {
      throw unreadable("its table of contents does not have the entries that it says");
    }
    if (total > MAX_TOTAL) {
      throw new PluginRefusedException(
          "its entries have " + total + " bytes in all; a plugin has at most " + MAX_TOTAL);
    }
    return entries;
  }

  private static void requireGoodName(Entry entry) throws PluginRefusedException {
    String name = entry.name();
    if (name.isEmpty()) {
      throw unreadable("an entry has no name");
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw refused(entry, "has control characters in its name");
    }
    if (name.startsWith("/")
        || name.indexOf('\\') >= 0
        || (name.length() > 1 && name.charAt(1) == ':' && Character.isLetter(name.charAt(0)))
        || List.of(name.split("/", -1)).contains("..")) {
      throw refused(entry, "would leave the folder that it is unpacked to");
    }
  }

  private static void requireReadable(Entry entry, int flags, int disk)
      throws PluginRefusedException {
    if ((flags & ENCRYPTED) != 0) {
      throw refused(entry, "is encrypted");
    }
    if (entry.method() != STORED && entry.method() != DEFLATED) {
      throw refused(entry, "is compressed in a way that Java cannot read");
    }
    if (disk != 0
        || entry.packed() == ZIP64_MARK
        || entry.size() == ZIP64_MARK
        || entry.offset() == ZIP64_MARK) {
      throw refused(entry, "has Zip64 sizes, which no plugin needs");
    }
    if (entry.method() == STORED && entry.packed() != entry.size()) {
      throw refused(entry, "has two sizes");
    }
    // The JDK takes a folder's signature for granted, and would still read what is in one.
    if (entry.folder() && entry.size() != 0) {
      throw refused(entry, "is a folder and has bytes of its own");
    }
  }

  private static long requireSize(Entry entry) throws PluginRefusedException {
    long most = limit(entry.name());
    if (entry.size() > most) {
      throw refused(entry, "has " + entry.size() + " bytes; at most " + most + " are read");
    }
    return entry.size();
  }

  private static long limit(String name) {
    if (name.equals("META-INF/extensions.idx")
        || name.equals("reference.conf")
        || name.startsWith("META-INF/services/")) {
      return MAX_TEXT;
    }
    if (SigningFiles.isOne(name)) {
      return MAX_MANIFEST;
    }
    return name.endsWith(".class") ? MAX_CLASS : MAX_ENTRY;
  }

  private static boolean isManifest(String name) {
    return name.toUpperCase(Locale.ROOT).equals("META-INF/MANIFEST.MF");
  }

  /** The JDK trusts the table of contents; other readers trust what stands before the bytes. */
  private long dataStart(Entry entry, long end) throws IOException, PluginRefusedException {
    // The very bytes again, since only whole UTF-8 was let in.
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    int length = LOCAL_SIZE + name.length;
    if (entry.offset() + length > end) {
      throw refused(entry, "is not where the table of contents says");
    }
    byte[] bytes = new byte[length];
    readFully(entry.offset(), bytes, length);
    ByteBuffer buffer = littleEndian(bytes);
    if (buffer.getInt(0) != LOCAL_SIGNATURE) {
      throw refused(entry, "is not where the table of contents says");
    }
    if ((u16(buffer, 6) & ENCRYPTED) != 0
        || u16(buffer, 8) != entry.method()
        || u16(buffer, 26) != name.length
        || !Arrays.equals(bytes, LOCAL_SIZE, length, name, 0, name.length)) {
      throw refused(entry, "is another one than the table of contents says");
    }
    return entry.offset() + length + u16(buffer, 28);
  }

  private void read(Entry entry, long start, Inflater inflater)
      throws IOException, PluginRefusedException {
    CRC32 crc = new CRC32();
    if (entry.method() == STORED) {
      long left = entry.packed();
      while (left > 0) {
        int from = window(start + entry.packed() - left);
        int count = (int) Math.min(left, windowLength - from);
        crc.update(window, from, count);
        left -= count;
      }
    } else {
      inflate(entry, start, inflater, crc);
    }
    if (crc.getValue() != entry.crc()) {
      throw refused(entry, "is damaged: its checksum is wrong");
    }
  }

  /** Each round takes bytes or gives some, so the loop ends. */
  private void inflate(Entry entry, long start, Inflater inflater, CRC32 crc)
      throws IOException, PluginRefusedException {
    inflater.reset();
    long left = entry.packed();
    long inflated = 0;
    boolean padded = false;
    try {
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          if (left > 0) {
            int from = window(start + entry.packed() - left);
            int count = (int) Math.min(left, windowLength - from);
            inflater.setInput(window, from, count);
            left -= count;
          } else if (!padded) {
            // Some versions of zlib want one byte more where there is no header: see Inflater.
            padded = true;
            inflater.setInput(new byte[1]);
          } else {
            throw refused(entry, "is damaged: it ends too early");
          }
        }
        int count = inflater.inflate(out);
        if (count == 0 && !inflater.finished() && !inflater.needsInput()) {
          throw refused(entry, "is damaged");
        }
        inflated += count;
        if (inflated > entry.size()) {
          throw refused(entry, "is larger than the " + entry.size() + " bytes that it says");
        }
        crc.update(out, 0, count);
      }
    } catch (DataFormatException e) {
      throw refused(entry, "is damaged");
    }
    if (inflated < entry.size()) {
      throw refused(entry, "is smaller than the " + entry.size() + " bytes that it says");
    }
    if (left > 0 || inflater.getRemaining() > (padded ? 1 : 0)) {
      throw refused(entry, "has bytes behind its end");
    }
  }

  private void readFully(long offset, byte[] bytes, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int from = window(offset + done);
      int count = Math.min(length - done, windowLength - from);
      System.arraycopy(window, from, bytes, done, count);
      done += count;
    }
  }

  /** Where in the window an offset of the file is; there is at least its own byte. */
  private int window(long offset) throws IOException {
    if (offset < windowStart || offset >= windowStart + windowLength) {
      int count = (int) Math.min(window.length, size - offset);
      if (count <= 0) {
        throw new EOFException("it ends too early");
      }
      windowLength = 0;
      file.seek(offset);
      file.readFully(window, 0, count);
      windowStart = offset;
      windowLength = count;
    }
    return (int) (offset - windowStart);
  }

  private static String text(byte[] name) throws PluginRefusedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException e) {
      throw new PluginRefusedException("the name of an entry is no UTF-8", e);
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int u16(ByteBuffer buffer, int at) {
    return Short.toUnsignedInt(buffer.getShort(at));
  }

  private static long u32(ByteBuffer buffer, int at) {
    return Integer.toUnsignedLong(buffer.getInt(at));
  }

  private static PluginRefusedException unreadable(String reason) {
    return new PluginRefusedException("it cannot be read as a jar: " + reason);
  }

  private static PluginRefusedException refused(Entry entry, String reason) {
    return new PluginRefusedException("its entry '" + shown(entry.name()) + "' " + reason);
  }

  /** A name that somebody else chose, for logs and terminals: without what steers them. */
  static String shown(String name) {
    StringBuilder text = new StringBuilder();
    name.codePoints()
        .limit(SHOWN_NAME)
        .forEach(
            c -> {
              switch (Character.getType(c)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED ->
                    text.append('?');
                default -> text.appendCodePoint(c);
              }
            });
    return name.codePointCount(0, name.length()) > SHOWN_NAME ? text + "…" : text.toString();
  }
}
