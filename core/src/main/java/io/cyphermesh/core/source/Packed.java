package io.cyphermesh.core.source;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Compressed logs, which are left alone: their lines came when they were plain. */
final class Packed {
  private static final List<String> SUFFIXES =
      List.of(".gz", ".xz", ".zst", ".bz2", ".lz4", ".z", ".zip", ".lzma");

  /** The first bytes of what gzip, xz, zstd and bzip2 write. */
  private static final List<byte[]> MAGIC =
      List.of(
          new byte[] {0x1F, (byte) 0x8B, 8},
          new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0},
          new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD},
          new byte[] {'B', 'Z', 'h'});

  private static final long NO_BZIP2_LEVEL = '0';

  private Packed() {}

  static boolean byName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SUFFIXES.stream().anyMatch(lower::endsWith);
  }

  /** The name that it had before it was compressed. */
  static String plainName(String name) {
    return byName(name) ? name.substring(0, name.lastIndexOf('.')) : name;
  }

  /** Whether a file that begins with these bytes is compressed. */
  static boolean byContent(byte[] bytes, int length) {
    for (byte[] magic : MAGIC) {
      if (length >= magic.length
          && ByteBuffer.wrap(bytes, 0, magic.length).equals(ByteBuffer.wrap(magic))) {
        // "BZh" begins a line, too; bzip2 writes its level and the start of a block behind it.
        return magic[0] != 'B'
            || (length > 4 && bytes[3] > NO_BZIP2_LEVEL && bytes[3] <= '9' && bytes[4] == '1');
      }
    }
    return false;
  }

  /** How many bytes a gzip file unpacks to, modulo 4 GiB, as its last four bytes say. */
  static OptionalLong unpackedSize(Path file) {
    if (!file.toString().endsWith(".gz")) {
      return OptionalLong.empty();
    }
    try (RandomAccessFile packed = new RandomAccessFile(file.toFile(), "r")) {
      if (packed.length() < 18) {
        return OptionalLong.empty();
      }
      byte[] last = new byte[4];
      packed.seek(packed.length() - last.length);
      packed.readFully(last);
      return OptionalLong.of(
          Integer.toUnsignedLong(ByteBuffer.wrap(last).order(ByteOrder.LITTLE_ENDIAN).getInt()));
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }
}
