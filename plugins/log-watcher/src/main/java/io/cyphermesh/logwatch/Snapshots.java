package io.cyphermesh.logwatch;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.Severity;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes and reads the half-filled buckets.
 *
 * <p>Layout: version, the ids of the rules, the threat types, the sources from the most recently
 * used on until no more fit, CRC-32 of all before it. Numbers are variable-length (7 bits a byte,
 * least significant first), times are milliseconds since 1970 or differences in zigzag form.
 */
final class Snapshots {

  private static final int VERSION = 1;
  private static final int CRC_BYTES = 4;

  /** By their number in a snapshot. */
  private static final List<Severity> SEVERITIES =
      List.of(Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL);

  private final List<String> rules;
  private final List<String> threats;

  Snapshots(List<String> rules, List<String> threats) {
    this.rules = List.copyOf(rules);
    this.threats = List.copyOf(threats);
  }

  byte[] write(Suspects suspects) {
    Writer all = new Writer(4096);
    all.number(VERSION);
    names(all, rules);
    names(all, threats);
    for (Suspect suspect : suspects.recentFirst()) {
      byte[] encoded = suspect.encoded;
      if (encoded == null) {
        encoded = encode(suspect);
        suspect.encoded = encoded;
      }
      if (all.size() + encoded.length + CRC_BYTES > Checkpoint.MAX_BYTES) {
        break;
      }
      all.bytes(encoded);
    }
    int crc = crc(all.bytes, all.size());
    for (int shift = 24; shift >= 0; shift -= 8) {
      all.octet(crc >>> shift);
    }
    return all.toBytes();
  }

  private static void names(Writer out, List<String> names) {
    out.number(names.size());
    for (String name : names) {
      byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
      out.number(utf8.length);
      out.bytes(utf8);
    }
  }

  private static byte[] encode(Suspect suspect) {
    Writer out = new Writer(96);
    IpAddress address = suspect.address;
    if (address.isV4()) {
      out.octet(4);
      out.fixed(address.v4() & 0xFFFF_FFFFL, 4);
    } else {
      out.octet(16);
      out.fixed(address.high(), 8);
      out.fixed(address.low(), 8);
    }
    for (int threat = 0; threat < suspect.quietUntil.length; threat++) {
      if (suspect.quietUntil[threat] != Long.MIN_VALUE) {
        out.number(threat + 1);
        out.signed(suspect.quietUntil[threat]);
        out.number(SEVERITIES.indexOf(suspect.reported[threat]));
      }
    }
    out.number(0);
    for (int rule = 0; rule < suspect.buckets.length; rule++) {
      Bucket bucket = suspect.buckets[rule];
      if (bucket != null && bucket.emptyAt != Long.MIN_VALUE) {
        out.number(rule + 1);
        encode(bucket, out);
      }
    }
    out.number(0);
    return out.toBytes();
  }

  private static void encode(Bucket bucket, Writer out) {
    out.signed(bucket.latest);
    out.signed(bucket.emptyAt - bucket.latest);
    out.number(bucket.count);
    if (bucket.count > 0) {
      out.signed(bucket.latest - bucket.firstSeen);
      out.signed(bucket.latest - bucket.lastSeen);
    }
    out.number(bucket.seenCount);
    for (int i = 0; i < Math.min(bucket.seenCount, Bucket.REMEMBERED); i++) {
      out.fixed(bucket.seen[i] & 0xFFFF_FFFFL, 4);
    }
  }

  /**
   * The sources in {@code snapshot}, the most recently used first; what belongs to rules or threat
   * types that are gone is left out.
   *
   * @throws IllegalArgumentException if it is damaged or of another version
   */
  List<Suspect> read(byte[] snapshot, Suspects suspects) {
    if (snapshot.length < CRC_BYTES + 1) {
      throw new IllegalArgumentException("it is too short");
    }
    int end = snapshot.length - CRC_BYTES;
    if (ByteBuffer.wrap(snapshot, end, CRC_BYTES).getInt() != crc(snapshot, end)) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    ByteBuffer in = ByteBuffer.wrap(snapshot, 0, end);
    try {
      long version = number(in);
      if (version != VERSION) {
        throw new IllegalArgumentException("it is of version " + version + ", not " + VERSION);
      }
      int[] ruleOf = places(in, rules);
      int[] threatOf = places(in, threats);
      List<Suspect> read = new ArrayList<>();
      while (in.hasRemaining()) {
        read.add(suspect(in, suspects, ruleOf, threatOf));
      }
      return read;
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("it ends early or points outside of itself", e);
    }
  }

  /** Where each name of the snapshot stands in {@code names} today; -1 where it is gone. */
  private static int[] places(ByteBuffer in, List<String> names) {
    int count = size(in, in.remaining());
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      byte[] utf8 = new byte[size(in, in.remaining())];
      in.get(utf8);
      places[i] = names.indexOf(new String(utf8, StandardCharsets.UTF_8));
    }
    return places;
  }

  private static Suspect suspect(ByteBuffer in, Suspects suspects, int[] ruleOf, int[] threatOf) {
    IpAddress address =
        switch (in.get()) {
          case 4 -> IpAddress.ofV4(in.getInt());
          case 16 -> new IpAddress(in.getLong(), in.getLong());
          default -> throw new IllegalArgumentException("it holds an address of no known kind");
        };
    Suspect suspect = suspects.newSuspect(address);
    for (int threat = size(in, threatOf.length); threat != 0; threat = size(in, threatOf.length)) {
      long until = signed(in);
      Severity severity = SEVERITIES.get(size(in, SEVERITIES.size() - 1));
      if (threatOf[threat - 1] >= 0) {
        suspect.quiet(threatOf[threat - 1], until, severity);
      }
    }
    for (int rule = size(in, ruleOf.length); rule != 0; rule = size(in, ruleOf.length)) {
      Bucket bucket = bucket(in);
      if (ruleOf[rule - 1] >= 0) {
        suspect.buckets[ruleOf[rule - 1]] = bucket;
      }
    }
    return suspect;
  }

  private static Bucket bucket(ByteBuffer in) {
    Bucket bucket = new Bucket();
    bucket.latest = signed(in);
    bucket.emptyAt = bucket.latest + signed(in);
    bucket.count = number(in);
    if (bucket.count > 0) {
      bucket.firstSeen = bucket.latest - signed(in);
      bucket.lastSeen = bucket.latest - signed(in);
    }
    bucket.seenCount = size(in, 2 * Bucket.REMEMBERED - 1);
    bucket.seen = new int[Math.min(bucket.seenCount, Bucket.REMEMBERED)];
    for (int i = 0; i < bucket.seen.length; i++) {
      bucket.seen[i] = in.getInt();
    }
    return bucket;
  }

  private static int size(ByteBuffer in, int greatest) {
    long value = number(in);
    if (value < 0 || value > greatest) {
      throw new IllegalArgumentException("it holds a number out of range");
    }
    return (int) value;
  }

  private static long number(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte octet = in.get();
      value |= (octet & 0x7FL) << shift;
      if (octet >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("it holds a number without an end");
  }

  private static long signed(ByteBuffer in) {
    long zigzag = number(in);
    return zigzag >>> 1 ^ -(zigzag & 1);
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static final class Writer {
    private byte[] bytes;
    private int size;

    Writer(int capacity) {
      bytes = new byte[capacity];
    }

    int size() {
      return size;
    }

    void octet(int value) {
      room(1);
      bytes[size++] = (byte) value;
    }

    void bytes(byte[] more) {
      room(more.length);
      System.arraycopy(more, 0, bytes, size, more.length);
      size += more.length;
    }

    void fixed(long value, int octets) {
      for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
        octet((int) (value >>> shift));
      }
    }

    void number(long value) {
      while ((value & ~0x7FL) != 0) {
        octet((int) ((value & 0x7F) | 0x80));
        value >>>= 7;
      }
      octet((int) value);
    }

    void signed(long value) {
      number(value << 1 ^ value >> 63);
    }

    private void room(int more) {
      if (bytes.length - size < more) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
      }
    }

    byte[] toBytes() {
      return Arrays.copyOf(bytes, size);
    }
  }
}
