package io.cyphermesh.suricata;

import io.cyphermesh.api.IpAddress;

/** Who attacked, as far as an alert tells. */
sealed interface Attribution {

  /** For people: how it was decided. */
  String reason();

  /**
   * One address did.
   *
   * @param address never one of ours
   * @param attackedPort port of the service that was attacked; 0 where the attacked opened the
   *     connection and its port means nothing
   */
  record Attacker(IpAddress address, int attackedPort, String reason) implements Attribution {}

  /** Nobody who could be named. */
  record Nobody(String reason) implements Attribution {}
}
