package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.EventSet.Bound;
import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The form of what {@link io.cyphermesh.core.protocol.Message.Reconcile} carries; the grammar is in
 * docs/protocol.md, section "Catch-up".
 */
final class Ranges {
  /** Most bytes of one message. */
  static final int MAX_BYTES = Message.Reconcile.MAX_BYTES;

  /** Most ranges that a message may leave open. */
  static final int MAX_OPEN = 16_384;

  /** Most parts of one split. */
  static final int MAX_SPLIT = 64;

  /** Bytes of an event's short id and of a range's fingerprint. */
  static final int SHORT = 6;

  static final long SHORT_MASK = (1L << (8 * SHORT)) - 1;

  private static final int HELLO = 1;
  private static final int FIRST = 2;
  private static final int NEXT = 3;
  private static final int DONE = 4;
  private static final int STOP = 5;

  private static final int SPLIT = 1;
  private static final int SUMS = 2;
  private static final int LIST = 3;
  private static final int OFFER = 4;
  private static final int LACK = 5;
  private static final int LEAVE = 6;

  private static final int WITH_IDS = 0x40;

  private Ranges() {}

  /** A part of the set, {@code from} within and {@code to} without. */
  record Range(Bound from, Bound to) {}

  /** What a message says in all. */
  sealed interface Blob {}

  /**
   * Answers a digest that differs.
   *
   * @param echo the first 4 bytes of the digest that this answers
   * @param newest how far before the span's end the newest event is, in ms; where there is none the
   *     span's length
   * @param common the same of a time until which the sender had what others have
   */
  record Hello(int echo, long nonce, long newest, long common) implements Blob {}

  /**
   * Answers ranges, of which the receiver knows what they are.
   *
   * @param nonce of the first message, else 0
   * @param answersAt where they begin
   */
  @SuppressWarnings("ArrayRecordComponent") // A view of the message, never compared.
  record Round(boolean first, long nonce, int tag, int number, byte[] blob, int answersAt)
      implements Blob {}

  /** The sender wants nothing more. */
  record Done(int tag) implements Blob {}

  /** The sender has no place for a session, or ends this one; nobody is to blame. */
  record Stop() implements Blob {}

  /** What a message says of one range. */
  sealed interface Answer {}

  /** It is equal. */
  record Same() implements Answer {}

  /** It differs, and so much do its parts add up to. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Split(List<Range> parts, long[] fingerprints) implements Answer {}

  /** It differs, and there are so many events in it, whose 64-bit ids add up to {@code sum}. */
  record Sums(long count, long sum) implements Answer {}

  /** These are all events in it. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Listed(long[] ids) implements Answer {}

  /** These are the events in it that the receiver of this lacks; it is settled. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Offer(long[] ids) implements Answer {}

  /**
   * Answers a list; it is settled.
   *
   * @param lacked a bit for each event of the list: the sender of this lacks it
   * @param ids what the receiver of this lacks
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Lack(byte[] lacked, long[] ids) implements Answer {}

  /** It is left as it is, for another session. */
  record Leave() implements Answer {}

  /** Nothing that anybody may send. */
  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException() {
      super(null, null, false, false);
    }
  }

  /** What a message says; empty where it is malformed. */
  static Optional<Blob> decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      return Optional.empty();
    }
    try {
      Reader in = new Reader(bytes, 0);
      Blob blob =
          switch (in.number(1)) {
            case HELLO -> new Hello(in.number(4), in.word(8), in.varint(), in.varint());
            case FIRST -> new Round(true, in.word(8), in.number(2), in.number(1), bytes, in.at);
            case NEXT -> new Round(false, 0, in.number(2), in.number(1), bytes, in.at);
            case DONE -> new Done(in.number(2));
            case STOP -> new Stop();
            default -> throw new MalformedException();
          };
      if (!(blob instanceof Round) && in.left() > 0) {
        return Optional.empty();
      }
      return Optional.of(blob);
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /**
   * What a round says of each range that was open; empty where it is malformed.
   *
   * @param open for each range how many events were listed in it, or -1
   */
  static Optional<List<Answer>> answers(Round round, List<Range> open, int[] listed) {
    try {
      Reader in = new Reader(round.blob, round.answersAt);
      List<Answer> answers = new ArrayList<>();
      int parts = 0;
      while (answers.size() < open.size()) {
        long same = in.varint();
        if (same > open.size() - answers.size()) {
          return Optional.empty();
        }
        for (long i = 0; i < same; i++) {
          answers.add(new Same());
        }
        if (answers.size() == open.size()) {
          break;
        }
        Answer answer = in.answer(open.get(answers.size()), listed[answers.size()]);
        parts += answer instanceof Split split ? split.parts.size() : 1;
        if (parts > MAX_OPEN + open.size()) {
          return Optional.empty();
        }
        answers.add(answer);
      }
      return in.left() == 0 ? Optional.of(answers) : Optional.empty();
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
    }

    int left() {
      return bytes.length - at;
    }

    long word(int length) throws MalformedException {
      if (left() < length) {
        throw new MalformedException();
      }
      at += length;
      return Bytes.get(bytes, at - length, length);
    }

    int number(int length) throws MalformedException {
      return (int) word(length);
    }

    /** Seven bits a byte, the lowest first, at most 56 in all. */
    long varint() throws MalformedException {
      long value = 0;
      for (int shift = 0; shift < 56; shift += 7) {
        int next = number(1);
        value |= (long) (next & 0x7f) << shift;
        if (next < 0x80) {
          return value;
        }
      }
      throw new MalformedException();
    }

    /** A number of things of {@code size} bytes each that are all there. */
    int count(long most, int size) throws MalformedException {
      long count = varint();
      if (count > most || count * size > left()) {
        throw new MalformedException();
      }
      return (int) count;
    }

    long[] shorts(int count) throws MalformedException {
      long[] values = new long[count];
      for (int i = 0; i < count; i++) {
        values[i] = word(SHORT);
      }
      return values;
    }

    Answer answer(Range range, int listed) throws MalformedException {
      int kind = number(1);
      if (listed >= 0 && kind != LACK && kind != LEAVE) {
        throw new MalformedException(); // Nothing is left to be found out.
      }
      return switch (kind) {
        case SPLIT -> split(range);
        case SUMS -> new Sums(varint(), word(8));
        case LIST -> new Listed(shorts(count(MAX_BYTES, SHORT)));
        case OFFER -> new Offer(shorts(count(MAX_BYTES, SHORT)));
        case LACK -> {
          if (listed < 0) {
            throw new MalformedException();
          }
          byte[] lacked = new byte[(listed + 7) / 8];
          for (int i = 0; i < lacked.length; i++) {
            lacked[i] = (byte) number(1);
          }
          if (listed % 8 != 0 && (lacked[lacked.length - 1] & 0xff) >>> (listed % 8) != 0) {
            throw new MalformedException();
          }
          yield new Lack(lacked, shorts(count(MAX_BYTES, SHORT)));
        }
        case LEAVE -> new Leave();
        default -> throw new MalformedException();
      };
    }

    private Split split(Range range) throws MalformedException {
      int parts = count(MAX_SPLIT, SHORT);
      int head = number(1);
      int shift = head & 0x3f;
      if (parts < 2 || shift > 40 || (head & 0x80) != 0) {
        throw new MalformedException();
      }
      List<Range> ranges = new ArrayList<>(parts);
      Bound from = range.from;
      long unit = from.time() >> shift;
      for (int i = 1; i < parts; i++) {
        long delta = varint();
        unit += delta;
        if (delta >= 1L << 48 || unit > (Long.MAX_VALUE >> 2) >> shift) {
          throw new MalformedException();
        }
        long prefix = 0;
        if ((head & WITH_IDS) != 0) {
          int length = number(1);
          if (length > 8) {
            throw new MalformedException();
          }
          prefix = length == 0 ? 0 : word(length) << (64 - 8 * length);
        }
        Bound to = new Bound(unit << shift, prefix);
        if (to.compareTo(from) <= 0) {
          throw new MalformedException();
        }
        ranges.add(new Range(from, to));
        from = to;
      }
      if (range.to.compareTo(from) <= 0) {
        throw new MalformedException();
      }
      ranges.add(new Range(from, range.to));
      return new Split(ranges, shorts(parts));
    }
  }

  static byte[] hello(Hello hello) {
    Writer out = new Writer();
    out.word(HELLO, 1);
    out.word(hello.echo, 4);
    out.word(hello.nonce, 8);
    out.varint(hello.newest);
    out.varint(hello.common);
    return out.bytes();
  }

  static byte[] done(int tag) {
    Writer out = new Writer();
    out.word(DONE, 1);
    out.word(tag, 2);
    return out.bytes();
  }

  static byte[] stop() {
    return new byte[] {STOP};
  }

  /** Writes a round, answer by answer. */
  static final class Writer {
    private byte[] bytes = new byte[64];
    private int length;
    private long same;

    static Writer first(long nonce, int tag, int number) {
      Writer out = new Writer();
      out.word(FIRST, 1);
      out.word(nonce, 8);
      out.word(tag, 2);
      out.word(number, 1);
      return out;
    }

    static Writer next(int tag, int number) {
      Writer out = new Writer();
      out.word(NEXT, 1);
      out.word(tag, 2);
      out.word(number, 1);
      return out;
    }

    int size() {
      return length;
    }

    /** All of it; nothing may follow. */
    byte[] bytes() {
      if (same > 0) {
        flush();
      }
      return Arrays.copyOf(bytes, length);
    }

    void same() {
      same++;
    }

    void leave() {
      action(LEAVE);
    }

    /**
     * A split at bounds.
     *
     * @param shift how many of the times' last bits are zero; with ids it is 0
     */
    void split(Bound from, List<Bound> bounds, int shift, long[] fingerprints) {
      boolean ids = bounds.stream().anyMatch(bound -> bound.prefix() != 0);
      action(SPLIT);
      varint(bounds.size() + 1L);
      word(ids ? WITH_IDS : shift, 1);
      long unit = from.time() >> shift;
      for (Bound bound : bounds) {
        varint((bound.time() >> shift) - unit);
        unit = bound.time() >> shift;
        if (ids) {
          int prefix = 8 - Long.numberOfTrailingZeros(bound.prefix()) / 8;
          word(prefix, 1);
          word(prefix == 0 ? 0 : bound.prefix() >>> (64 - 8 * prefix), prefix);
        }
      }
      for (long fingerprint : fingerprints) {
        word(fingerprint, SHORT);
      }
    }

    void sums(long count, long sum) {
      action(SUMS);
      varint(count);
      word(sum, 8);
    }

    void list(long[] ids) {
      action(LIST);
      shorts(ids);
    }

    void offer(long[] ids) {
      action(OFFER);
      shorts(ids);
    }

    void lack(byte[] lacked, long[] ids) {
      action(LACK);
      for (byte bits : lacked) {
        word(bits, 1);
      }
      shorts(ids);
    }

    private void action(int kind) {
      flush();
      word(kind, 1);
    }

    private void flush() {
      varint(same);
      same = 0;
    }

    private void shorts(long[] values) {
      varint(values.length);
      for (long value : values) {
        word(value, SHORT);
      }
    }

    private void varint(long value) {
      long left = value;
      while (left >= 0x80) {
        word(left | 0x80, 1);
        left >>>= 7;
      }
      word(left, 1);
    }

    private void word(long value, int size) {
      if (length + size > bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * (length + size));
      }
      for (int i = 0; i < size; i++) {
        bytes[length++] = (byte) (value >>> (8 * (size - 1 - i)));
      }
    }
  }
}
