package io.cyphermesh.suricata;

import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.Severity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes and reads folds.
 *
 * <p>Layout: version (1), then folds, first those with alerts not yet reported, the most recently
 * used first, until no more fit; then CRC-32 of all before it. A fold is the number of its threat
 * (2), where it is a new one the threat, then address (length 1, 4 or 16), generator, signature,
 * flow, opened, closes, count, first and last seen, the last two only where count is not 0. Those
 * are numbers of variable length (7 bits a byte, least significant first), times after the first
 * one differences to it in zigzag form.
 */
final class Snapshots {

  private static final int VERSION = 1;
  private static final int CRC_BYTES = 4;
  private static final int MAX_THREATS = 65_535;
  private static final int MAX_TAGS = 255;
  private static final byte[] NOTHING = {};

  /** By their number in a snapshot. */
  private static final List<Severity> SEVERITIES =
      List.of(Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL);

  private Snapshots() {}

  static byte[] write(List<Fold> recentFirst) {
    List<Fold> folds = new ArrayList<>(recentFirst);
    // Stable, so that each half stays in its order.
    folds.sort(Comparator.comparing((Fold fold) -> fold.count == 0));
    IdentityHashMap<Threat, Integer> threats = new IdentityHashMap<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream(Checkpoint.MAX_BYTES / 4);
    all.write(VERSION);
    for (Fold fold : folds) {
      byte[] encoded = fold.encoded;
      if (encoded == null) {
        encoded = encode(fold);
        fold.encoded = encoded;
      }
      Integer known = threats.get(fold.threat);
      byte[] described = known == null ? describe(fold.threat) : NOTHING;
      int number = known == null ? threats.size() : known;
      if (number >= MAX_THREATS
          || all.size() + 2 + described.length + encoded.length + CRC_BYTES
              > Checkpoint.MAX_BYTES) {
        break;
      }
      if (known == null) {
        threats.put(fold.threat, number);
      }
      all.write(number >>> 8);
      all.write(number);
      all.writeBytes(described);
      all.writeBytes(encoded);
    }
    byte[] bytes = all.toByteArray();
    return ByteBuffer.allocate(bytes.length + CRC_BYTES)
        .put(bytes)
        .putInt(crc(bytes, bytes.length))
        .array();
  }

  private static byte[] describe(Threat threat) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(threat.rule());
      out.writeUTF(threat.threatType());
      out.writeByte(SEVERITIES.indexOf(threat.severity()));
      out.writeByte(threat.confidence());
      out.writeUTF(threat.technique());
      out.writeByte(threat.tags().size());
      for (String tag : threat.tags()) {
        out.writeUTF(tag);
      }
      out.writeShort(threat.port());
      out.writeUTF(threat.protocol());
      out.writeUTF(threat.service());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] encode(Fold fold) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Fold.Key key = fold.key;
      IpAddress attacker = key.attacker();
      if (attacker.isV4()) {
        out.writeByte(4);
        out.writeInt(attacker.v4());
      } else {
        out.writeByte(16);
        out.writeLong(attacker.high());
        out.writeLong(attacker.low());
      }
      number(out, key.generator());
      number(out, key.signature());
      number(out, key.flow());
      signed(out, fold.openedAt);
      signed(out, fold.closesAt - fold.openedAt);
      number(out, fold.count);
      if (fold.count > 0) {
        signed(out, fold.firstSeen - fold.openedAt);
        signed(out, fold.lastSeen - fold.openedAt);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void number(DataOutputStream out, long value) throws IOException {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.writeByte((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  private static void signed(DataOutputStream out, long value) throws IOException {
    number(out, value << 1 ^ value >> 63);
  }

  /**
   * The folds in {@code snapshot}, the most recently used first as far as they were.
   *
   * @throws IllegalArgumentException if it is damaged or of another version
   */
  static List<Fold> read(byte[] snapshot) {
    int end = snapshot.length - CRC_BYTES;
    if (end < 1) {
      throw new IllegalArgumentException("it is too short");
    }
    if (ByteBuffer.wrap(snapshot, end, CRC_BYTES).getInt() != crc(snapshot, end)) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot, 0, end));
    try {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IllegalArgumentException("it is of version " + version + ", not " + VERSION);
      }
      List<Threat> threats = new ArrayList<>();
      List<Fold> folds = new ArrayList<>();
      while (in.available() > 0) {
        folds.add(fold(in, threats));
      }
      return folds;
    } catch (IOException e) {
      throw new IllegalArgumentException("it ends early", e);
    }
  }

  private static Fold fold(DataInputStream in, List<Threat> threats) throws IOException {
    int number = in.readUnsignedShort();
    if (number > threats.size()) {
      throw new IllegalArgumentException("it holds a number out of range");
    }
    if (number == threats.size()) {
      threats.add(threat(in));
    }
    IpAddress attacker =
        switch (in.readByte()) {
          case 4 -> IpAddress.ofV4(in.readInt());
          case 16 -> new IpAddress(in.readLong(), in.readLong());
          default -> throw new IllegalArgumentException("it holds an address of no known kind");
        };
    Fold.Key key = new Fold.Key(attacker, number(in), number(in), number(in));
    long openedAt = signed(in);
    Fold fold = new Fold(key, threats.get(number), openedAt, openedAt + signed(in));
    fold.count = number(in);
    if (fold.count < 0) {
      throw new IllegalArgumentException("it holds a number out of range");
    }
    if (fold.count > 0) {
      fold.firstSeen = openedAt + signed(in);
      fold.lastSeen = openedAt + signed(in);
    }
    return fold;
  }

  private static long number(DataInputStream in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte octet = in.readByte();
      value |= (octet & 0x7FL) << shift;
      if (octet >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("it holds a number without an end");
  }

  private static long signed(DataInputStream in) throws IOException {
    long zigzag = number(in);
    return zigzag >>> 1 ^ -(zigzag & 1);
  }

  private static Threat threat(DataInputStream in) throws IOException {
    String rule = in.readUTF();
    String threatType = in.readUTF();
    int severity = in.readUnsignedByte();
    int confidence = in.readByte();
    String technique = in.readUTF();
    List<String> tags = new ArrayList<>();
    for (int left = in.readUnsignedByte(); left > 0; left--) {
      tags.add(in.readUTF());
    }
    int port = in.readUnsignedShort();
    if (severity >= SEVERITIES.size()
        || threatType.isBlank()
        || confidence < -1
        || confidence > 100
        || tags.size() > MAX_TAGS) {
      throw new IllegalArgumentException("it holds a number out of range");
    }
    return new Threat(
        rule,
        threatType,
        SEVERITIES.get(severity),
        confidence,
        technique,
        tags,
        port,
        in.readUTF(),
        in.readUTF());
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
