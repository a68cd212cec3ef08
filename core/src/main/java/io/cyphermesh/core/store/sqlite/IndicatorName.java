package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.IpRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * What an observable is called in the database: bytes whose order has the addresses of a range side
 * by side.
 */
final class IndicatorName {
  private static final byte TEXT = 0;
  private static final byte LONG_TEXT = 1;
  private static final byte IPV4 = 4;
  private static final byte IPV6 = 6;
  private static final int MOST_TEXT = 128;
  private static final int V4_BITS_BEFORE = 96;

  private IndicatorName() {}

  /** The name of an observable as an event writes it. */
  static byte[] of(String observable) {
    return IpAddress.parse(observable).map(IndicatorName::of).orElseGet(() -> ofText(observable));
  }

  private static byte[] of(IpAddress address) {
    return address.isV4()
        ? ByteBuffer.allocate(5).put(IPV4).putInt(address.v4()).array()
        : ByteBuffer.allocate(17).put(IPV6).putLong(address.high()).putLong(address.low()).array();
  }

  private static byte[] ofText(String observable) {
    byte[] text = observable.getBytes(StandardCharsets.UTF_8);
    if (text.length <= MOST_TEXT) {
      return ByteBuffer.allocate(1 + text.length).put(TEXT).put(text).array();
    }
    // An index is no place for kilobytes; no two share a hash.
    return ByteBuffer.allocate(33).put(LONG_TEXT).put(sha256(text)).array();
  }

  private static byte[] sha256(byte[] text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The observable; empty for a long text, which only its events have. */
  static Optional<String> observable(byte[] name) {
    ByteBuffer bytes = ByteBuffer.wrap(name, 1, name.length - 1);
    return switch (name[0]) {
      case IPV4 -> Optional.of(IpAddress.ofV4(bytes.getInt()).toString());
      case IPV6 -> Optional.of(new IpAddress(bytes.getLong(), bytes.getLong()).toString());
      case TEXT -> Optional.of(new String(name, 1, name.length - 1, StandardCharsets.UTF_8));
      default -> Optional.empty();
    };
  }

  /**
   * Names in order.
   *
   * @param least the first, inclusive
   * @param most the last, inclusive
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Range(byte[] least, byte[] most) {
    /** The addresses of a range. */
    static Range of(IpRange range) {
      boolean v4 = range.base().isV4() && range.bits() >= V4_BITS_BEFORE;
      byte[] least =
          v4
              ? IndicatorName.of(range.base())
              : ByteBuffer.allocate(17)
                  .put(IPV6)
                  .putLong(range.base().high())
                  .putLong(range.base().low())
                  .array();
      byte[] most = least.clone();
      int bits = v4 ? range.bits() - V4_BITS_BEFORE : range.bits();
      for (int bit = bits; bit < (least.length - 1) * 8; bit++) {
        int mask = 0x80 >> (bit & 7);
        least[1 + bit / 8] &= (byte) ~mask;
        most[1 + bit / 8] |= (byte) mask;
      }
      return new Range(least, most);
    }

    /** All that are no addresses. */
    static Range ofTexts() {
      return new Range(new byte[] {TEXT}, new byte[] {LONG_TEXT + 1});
    }

    boolean isOne() {
      return Arrays.equals(least, most);
    }
  }
}
