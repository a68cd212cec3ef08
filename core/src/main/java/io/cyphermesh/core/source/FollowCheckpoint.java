package io.cyphermesh.core.source;

import io.cyphermesh.api.Checkpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a follower stood: a position for each path, and the handler's snapshot at that place.
 *
 * <p>As bytes: version (1), number of positions (4), each position (path, file key, offset 8, flag
 * 1, fingerprint's length 2 and hash 8), then the snapshot's length (4, -1 for none) and its bytes.
 */
record FollowCheckpoint(Map<String, Position> positions, Optional<byte[]> snapshot) {
  private static final int VERSION = 1;

  /** More paths than anybody follows; what claims more is no checkpoint. */
  private static final int MAX_POSITIONS = 65_536;

  /**
   * A place in a file.
   *
   * @param fileKey what names the file whatever its path (device and inode); empty for one that was
   *     not there yet, or that could not even be looked at
   * @param offset end of the last line that was handled, in bytes; -1 for the end of the file at
   *     the time when it can be opened
   * @param midLine whether the rest of a too long line is still to be skipped there
   * @param fingerprint of the file's first bytes
   */
  record Position(String fileKey, long offset, boolean midLine, Fingerprint fingerprint) {
    private static final long AT_END = -1;

    static final Position NOT_THERE_YET = new Position("", 0, false, Fingerprint.NONE);

    /** The end of a file that is there but cannot be opened yet. */
    static Position atEndOf(String fileKey) {
      return new Position(fileKey, AT_END, false, Fingerprint.NONE);
    }

    boolean atEnd() {
      return offset == AT_END;
    }
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(positions.size());
      for (Map.Entry<String, Position> entry : positions.entrySet()) {
        Position position = entry.getValue();
        out.writeUTF(entry.getKey());
        out.writeUTF(position.fileKey());
        out.writeLong(position.offset());
        out.writeBoolean(position.midLine());
        out.writeShort(position.fingerprint().length());
        out.writeLong(position.fingerprint().hash());
      }
      if (snapshot.isPresent()) {
        out.writeInt(snapshot.get().length);
        out.write(snapshot.get());
      } else {
        out.writeInt(-1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IOException if the bytes are no checkpoint of this version
   */
  static FollowCheckpoint decode(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("checkpoint version " + version + " is not " + VERSION);
    }
    int count = in.readInt();
    if (count < 0 || count > MAX_POSITIONS) {
      throw new IOException("a checkpoint of " + count + " positions");
    }
    Map<String, Position> positions = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String path = in.readUTF();
      positions.put(
          path,
          new Position(
              in.readUTF(),
              in.readLong(),
              in.readBoolean(),
              new Fingerprint(in.readUnsignedShort(), in.readLong())));
    }
    int length = in.readInt();
    if (length > Checkpoint.MAX_BYTES || length > in.available()) {
      throw new IOException("a checkpoint whose snapshot has " + length + " bytes");
    }
    Optional<byte[]> snapshot = length < 0 ? Optional.empty() : Optional.of(in.readNBytes(length));
    return new FollowCheckpoint(positions, snapshot);
  }
}
