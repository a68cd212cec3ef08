package io.cyphermesh.suricata;

import io.cyphermesh.api.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Alerts that are counted together: those of one signature by one attacker, or in one flow. All
 * times are milliseconds since 1970. Not thread-safe.
 */
final class Fold {

  /**
   * What makes two alerts the same.
   *
   * @param flow 0 where all flows count together
   */
  record Key(IpAddress attacker, long generator, long signature, long flow) {}

  final Key key;
  Threat threat;

  /** Time of the alert that was reported last, by the sensor. */
  long openedAt;

  /** When nothing more is waited for, by the node's clock. */
  long closesAt;

  /** Alerts since that report. */
  long count;

  long firstSeen;
  long lastSeen;

  /** Its part of a snapshot, while nothing has changed; the snapshot's own business. */
  byte @Nullable [] encoded;

  Fold(Key key, Threat threat, long openedAt, long closesAt) {
    this.key = key;
    this.threat = threat;
    this.openedAt = openedAt;
    this.closesAt = closesAt;
  }

  void add(long at) {
    encoded = null;
    firstSeen = count == 0 ? at : Math.min(firstSeen, at);
    lastSeen = count == 0 ? at : Math.max(lastSeen, at);
    count++;
  }

  void reopen(long at, long until) {
    openedAt = at;
    closesAt = until;
    clear();
  }

  /** Forgets what was counted, since it was reported. */
  void clear() {
    encoded = null;
    count = 0;
  }

  /** Lets it close at {@code latest}, if not before. */
  void closeBy(long latest) {
    if (closesAt > latest) {
      encoded = null;
      closesAt = latest;
    }
  }
}
