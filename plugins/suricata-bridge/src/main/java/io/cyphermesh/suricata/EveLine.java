package io.cyphermesh.suricata;

/** What one line of EVE turned out to be. */
sealed interface EveLine {

  /** An alert. */
  record Alert(EveAlert alert) implements EveLine {}

  /**
   * A record of another kind.
   *
   * @param eventType for instance {@code flow}; empty where the line was not read so far
   */
  record Other(String eventType) implements EveLine {}

  /**
   * No record that could be read.
   *
   * @param reason for people
   */
  record Malformed(String reason) implements EveLine {}
}
