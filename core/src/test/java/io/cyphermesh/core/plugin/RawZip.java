package io.cyphermesh.core.plugin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes archives that no tool would, field by field. */
final class RawZip {
  final List<Entry> entries = new ArrayList<>();
  byte[] between = {};
  byte[] comment = {};
  int declaredEntries = -1;
  long declaredDirectory = -1;

  /** One entry; what is not set is honest. */
  static final class Entry {
    final String name;
    String localName;
    int method = 8;
    int flags;
    long crc;
    long size;
    byte[] packed;
    long packedSize;
    long offset = -1;
    boolean withoutBytes;

    private Entry(String name, byte[] packed, byte[] content) {
      this.name = name;
      this.localName = name;
      this.packed = packed;
      this.packedSize = packed.length;
      this.size = content.length;
      CRC32 sum = new CRC32();
      sum.update(content);
      this.crc = sum.getValue();
    }
  }

  Entry add(String name, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return add(name, deflate(bytes), bytes);
  }

  Entry add(String name, byte[] packed, byte[] content) {
    Entry entry = new Entry(name, packed, content);
    entries.add(entry);
    return entry;
  }

  static byte[] deflate(byte[] content) {
    Deflater deflater = new Deflater(9, true);
    try {
      deflater.setInput(content);
      deflater.finish();
      return drain(deflater, Deflater.NO_FLUSH);
    } finally {
      deflater.end();
    }
  }

  /** Deflated zeros, so many MiB, without ever inflating them. */
  static byte[] zeros(int mebibytes) {
    Deflater deflater = new Deflater(9, true);
    try {
      deflater.setInput(new byte[1024 * 1024]);
      byte[] one = drain(deflater, Deflater.FULL_FLUSH);
      ByteArrayOutputStream all = new ByteArrayOutputStream(one.length * mebibytes + 2);
      for (int i = 0; i < mebibytes; i++) {
        all.writeBytes(one);
      }
      // An empty last block.
      all.writeBytes(new byte[] {3, 0});
      return all.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static byte[] drain(Deflater deflater, int flush) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    int count = deflater.deflate(buffer, 0, buffer.length, flush);
    while (count > 0) {
      out.write(buffer, 0, count);
      count = deflater.deflate(buffer, 0, buffer.length, flush);
    }
    return out.toByteArray();
  }

  Path writeTo(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      long offset = entry.offset < 0 ? out.size() : entry.offset;
      if (!entry.withoutBytes) {
        byte[] local = entry.localName.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(
            buffer(30)
                .putInt(0x04034b50)
                .putShort((short) 20)
                .putShort((short) entry.flags)
                .putShort((short) entry.method)
                .putInt(0)
                .putInt((int) entry.crc)
                .putInt((int) entry.packedSize)
                .putInt((int) entry.size)
                .putShort((short) local.length)
                .putShort((short) 0)
                .array());
        out.writeBytes(local);
        out.writeBytes(entry.packed);
      }
      byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
      directory.writeBytes(
          buffer(46)
              .putInt(0x02014b50)
              .putShort((short) 20)
              .putShort((short) 20)
              .putShort((short) entry.flags)
              .putShort((short) entry.method)
              .putInt(0)
              .putInt((int) entry.crc)
              .putInt((int) entry.packedSize)
              .putInt((int) entry.size)
              .putShort((short) name.length)
              .putShort((short) 0)
              .putShort((short) 0)
              .putShort((short) 0)
              .putShort((short) 0)
              .putInt(0)
              .putInt((int) offset)
              .array());
      directory.writeBytes(name);
    }
    int start = out.size();
    out.writeBytes(directory.toByteArray());
    int count = declaredEntries < 0 ? entries.size() : declaredEntries;
    long length = declaredDirectory < 0 ? directory.size() : declaredDirectory;
    out.writeBytes(between);
    out.writeBytes(
        buffer(22)
            .putInt(0x06054b50)
            .putInt(0)
            .putShort((short) count)
            .putShort((short) count)
            .putInt((int) length)
            .putInt(start)
            .putShort((short) comment.length)
            .array());
    out.writeBytes(comment);
    return out.toByteArray();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
