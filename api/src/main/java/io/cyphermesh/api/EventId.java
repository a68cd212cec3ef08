package io.cyphermesh.api;

/**
 * The name of an event: the SHA-256 of its canonical content.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record EventId(String hex) implements Comparable<EventId> {
  public EventId {
    Hex.require64(hex, "an event id");
  }

  @Override
  public int compareTo(EventId other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
