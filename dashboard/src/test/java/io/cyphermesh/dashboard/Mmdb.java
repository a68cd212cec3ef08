package io.cyphermesh.dashboard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes small MMDB files: a search tree of 24-bit records, 16 zero bytes, the data, a marker and
 * the metadata (MaxMind DB file format 2.0).
 */
final class Mmdb {
  private static final int EMPTY = -1;
  private static final int SEPARATOR = 16;

  private final int bits;
  private final String type;

  /** Two children a node: another's number, {@link #EMPTY}, or {@code -2 - offset} of data. */
  private final List<int[]> nodes = new ArrayList<>();

  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  private Mmdb(int bits, String type) {
    this.bits = bits;
    this.type = type;
    nodes.add(new int[] {EMPTY, EMPTY});
  }

  static Mmdb ipv4(String type) {
    return new Mmdb(32, type);
  }

  static Mmdb ipv6(String type) {
    return new Mmdb(128, type);
  }

  /** Says something of all addresses that begin with these bits. */
  Mmdb put(byte[] address, int prefix, Map<String, ?> record) {
    int offset = data.size();
    value(data, record);
    int skipped = bits - address.length * 8;
    int node = 0;
    int depth = skipped + prefix;
    for (int i = 0; i < depth; i++) {
      int at = i - skipped;
      int bit = at < 0 ? 0 : (address[at / 8] >> (7 - at % 8)) & 1;
      int[] children = nodes.get(node);
      if (i == depth - 1) {
        children[bit] = -2 - offset;
      } else {
        if (children[bit] < 0) {
          children[bit] = nodes.size();
          nodes.add(new int[] {EMPTY, EMPTY});
        }
        node = children[bit];
      }
    }
    return this;
  }

  Mmdb put(int a, int b, int c, int d, int prefix, Map<String, ?> record) {
    return put(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d}, prefix, record);
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int[] children : nodes) {
      for (int child : children) {
        int record =
            child == EMPTY
                ? nodes.size()
                : child < 0 ? nodes.size() + SEPARATOR + (-2 - child) : child;
        out.write(record >> 16);
        out.write(record >> 8);
        out.write(record);
      }
    }
    out.writeBytes(new byte[SEPARATOR]);
    out.writeBytes(data.toByteArray());
    out.writeBytes("\u00ab\u00cd\u00efMaxMind.com".getBytes(StandardCharsets.ISO_8859_1));
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("binary_format_major_version", (short) 2);
    metadata.put("binary_format_minor_version", (short) 0);
    metadata.put("build_epoch", 1_790_000_000L);
    metadata.put("database_type", type);
    metadata.put("description", Map.of("en", "made by a test"));
    metadata.put("ip_version", (short) (bits == 32 ? 4 : 6));
    metadata.put("languages", List.of("en"));
    metadata.put("node_count", nodes.size());
    metadata.put("record_size", (short) 24);
    value(out, metadata);
    return out.toByteArray();
  }

  void write(Path file) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.write(draft, bytes());
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void value(ByteArrayOutputStream out, Object value) {
    switch (value) {
      case String text -> {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        control(out, 2, bytes.length);
        out.writeBytes(bytes);
      }
      case Short number -> unsigned(out, 5, number);
      case Integer number -> unsigned(out, 6, number);
      case Long number -> unsigned(out, 9, number);
      case Map<?, ?> map -> {
        control(out, 7, map.size());
        map.forEach(
            (key, each) -> {
              value(out, key);
              value(out, each);
            });
      }
      case List<?> list -> {
        control(out, 11, list.size());
        list.forEach(each -> value(out, each));
      }
      default -> throw new IllegalArgumentException("not written here: " + value);
    }
  }

  private static void unsigned(ByteArrayOutputStream out, int kind, long number) {
    byte[] bytes = BigInteger.valueOf(number).toByteArray();
    int from = bytes[0] == 0 ? 1 : 0;
    control(out, kind, bytes.length - from);
    out.write(bytes, from, bytes.length - from);
  }

  private static void control(ByteArrayOutputStream out, int kind, int size) {
    int first = kind > 7 ? 0 : kind << 5;
    int told = Math.min(size, 29);
    out.write(first | told);
    if (kind > 7) {
      out.write(kind - 7);
    }
    if (told == 29) {
      out.write(size - 29);
    }
  }
}
