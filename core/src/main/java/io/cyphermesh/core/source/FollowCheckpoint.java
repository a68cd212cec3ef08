package io.cyphermesh.core.source;

import io.cyphermesh.api.Checkpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a follower stood: the places for each path, the patterns that were looked for, and the
 * handler's snapshot at that place.
 *
 * <p>The snapshot has at most 256 KiB; {@link FollowedFiles} keeps the rest below {@value
 * FollowedFiles#MAX_POSITION_BYTES} bytes by following no more files than fit.
 *
 * <p>As bytes: version (1); number of patterns (4) and each; whether there were more files than are
 * followed (1); number of paths (4), each with its name, a flag (1) whether a pattern found it, its
 * position, the number (1) of older files that are still read under this name and their positions;
 * then the snapshot's length (4, -1 for none) and its bytes. Version 1 had path and position only.
 *
 * @param crowded whether there were more files than are followed, so that one without a position is
 *     not new
 */
record FollowCheckpoint(
    Map<String, Place> places, List<String> globs, boolean crowded, Optional<byte[]> snapshot) {
  private static final int VERSION = 2;
  private static final int WITHOUT_PATTERNS = 1;

  /** More paths than anybody follows; what claims more is no checkpoint. */
  private static final int MAX_PLACES = 65_536;

  /** Bytes of one position, its file key and flags at most, without the path. */
  static final int POSITION_BYTES = 110;

  /**
   * Where one path stood.
   *
   * @param found whether a pattern found it, so that nobody waits for it for ever
   * @param current in the file that had the name
   * @param rests in files that had the name before and are still read, the oldest first
   */
  record Place(boolean found, Position current, List<Position> rests) {}

  /**
   * A place in a file.
   *
   * @param fileKey what names the file whatever its path (device and inode); empty for one that was
   *     not there yet, or that could not even be looked at
   * @param offset end of the last line that was handled, in bytes; -1 for the end of the file at
   *     the time when it can be opened
   * @param midLine whether the rest of a too long line is still to be skipped there
   * @param head of the file's first bytes
   * @param tail of the bytes before the offset
   * @param size of the file when it was last looked at, in bytes
   * @param modified when it had last been written then, in milliseconds since 1970
   * @param born when it was made
   */
  record Position(
      String fileKey,
      long offset,
      boolean midLine,
      Fingerprint head,
      Fingerprint tail,
      long size,
      long modified,
      long born) {
    private static final long AT_END = -1;

    static final Position NOT_THERE_YET = at("", 0);

    /** The end of a file that is there but cannot be opened yet. */
    static Position atEndOf(String fileKey) {
      return at(fileKey, AT_END);
    }

    private static Position at(String fileKey, long offset) {
      return new Position(fileKey, offset, false, Fingerprint.NONE, Fingerprint.NONE, 0, 0, 0);
    }

    boolean atEnd() {
      return offset == AT_END;
    }

    /** Whether some of a known file was read. */
    boolean begun() {
      return !fileKey.isEmpty() && offset >= 0;
    }

    private void write(DataOutputStream out) throws IOException {
      out.writeUTF(fileKey);
      out.writeLong(offset);
      out.writeBoolean(midLine);
      for (Fingerprint fingerprint : List.of(head, tail)) {
        out.writeShort(fingerprint.length());
        out.writeLong(fingerprint.hash());
      }
      out.writeLong(size);
      out.writeLong(modified);
      out.writeLong(born);
    }

    private static Position read(DataInputStream in, int version) throws IOException {
      String key = in.readUTF();
      long offset = in.readLong();
      boolean midLine = in.readBoolean();
      Fingerprint head = new Fingerprint(in.readUnsignedShort(), in.readLong());
      if (version == WITHOUT_PATTERNS) {
        return new Position(
            key, offset, midLine, head, Fingerprint.NONE, Math.max(0, offset), 0, 0);
      }
      Fingerprint tail = new Fingerprint(in.readUnsignedShort(), in.readLong());
      return new Position(
          key, offset, midLine, head, tail, in.readLong(), in.readLong(), in.readLong());
    }
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(globs.size());
      for (String glob : globs) {
        out.writeUTF(glob);
      }
      out.writeBoolean(crowded);
      out.writeInt(places.size());
      for (Map.Entry<String, Place> entry : places.entrySet()) {
        Place place = entry.getValue();
        out.writeUTF(entry.getKey());
        out.writeBoolean(place.found());
        place.current().write(out);
        out.writeByte(place.rests().size());
        for (Position rest : place.rests()) {
          rest.write(out);
        }
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
   * @throws IOException if the bytes are no checkpoint
   */
  static FollowCheckpoint decode(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readUnsignedByte();
    if (version != VERSION && version != WITHOUT_PATTERNS) {
      throw new IOException("checkpoint version " + version + " is not " + VERSION);
    }
    List<String> globs = new ArrayList<>();
    boolean crowded = false;
    if (version == VERSION) {
      int patterns = count(in);
      for (int i = 0; i < patterns; i++) {
        globs.add(in.readUTF());
      }
      crowded = in.readBoolean();
    }
    int count = count(in);
    Map<String, Place> places = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String path = in.readUTF();
      boolean found = version == VERSION && in.readBoolean();
      Position current = Position.read(in, version);
      List<Position> rests = new ArrayList<>();
      int more = version == VERSION ? in.readUnsignedByte() : 0;
      for (int j = 0; j < more; j++) {
        rests.add(Position.read(in, version));
      }
      places.put(path, new Place(found, current, List.copyOf(rests)));
    }
    int length = in.readInt();
    if (length > Checkpoint.MAX_BYTES || length > in.available()) {
      throw new IOException("a checkpoint whose snapshot has " + length + " bytes");
    }
    Optional<byte[]> snapshot = length < 0 ? Optional.empty() : Optional.of(in.readNBytes(length));
    return new FollowCheckpoint(places, globs, crowded, snapshot);
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MAX_PLACES) {
      throw new IOException("a checkpoint of " + count + " places");
    }
    return count;
  }
}
