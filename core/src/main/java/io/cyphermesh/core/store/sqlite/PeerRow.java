package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.reputation.ReputationRules;
import io.cyphermesh.core.store.EventStore.Standing;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A peer as the writer holds it in memory until the end of the group. Times in milliseconds. */
final class PeerRow {
  final long ref;
  final PeerId id;
  final long firstSeen;
  long score;

  /** By its score or by the operator. */
  boolean banned;

  /** By the operator. */
  boolean byOperator;

  @Nullable Long blockedUntil;
  long valid;
  long invalid;
  long lastSeen;
  boolean keyKnown;

  /** Set only where the key is still to be written. */
  byte @Nullable [] newKey;

  boolean inserted;

  /** The score that is committed. */
  long committedScore;

  /** The slot of which the last score is kept; null where the database was not asked yet. */
  @Nullable Long scoreSlot;

  PeerRow(long ref, PeerId id, long firstSeen) {
    this.ref = ref;
    this.id = id;
    this.firstSeen = firstSeen;
    this.lastSeen = firstSeen;
  }

  boolean ignoredAt(long now) {
    Long until = blockedUntil;
    return banned || (until != null && now < until);
  }

  void reported(long now) {
    score += ReputationRules.VALID_EVENT;
    valid++;
    seen(now);
  }

  void seen(long now) {
    lastSeen = Math.max(lastSeen, now);
  }

  void adjust(int delta, long now) {
    boolean shared = id instanceof PeerId.PlainHost;
    if (shared && ReputationRules.bans(score) && !ignoredAt(now)) {
      // The ban has passed: whoever has the address by now begins anew.
      score = 0;
    }
    score += delta;
    if (delta < 0) {
      invalid++;
      if (ReputationRules.bans(score)) {
        if (shared) {
          blockUntil(now + ReputationRules.PLAIN_BAN.toMillis());
        } else {
          banned = true;
        }
      }
    }
  }

  void blockUntil(long until) {
    Long before = blockedUntil;
    blockedUntil = before == null ? until : Math.max(before, until);
  }

  void setBanned(boolean banned) {
    this.banned = banned;
    byOperator = banned;
    if (!banned) {
      score = Math.max(score, 0);
      blockedUntil = null;
    }
  }

  Standing standing() {
    return new Standing(
        id,
        score,
        banned,
        byOperator,
        Optional.ofNullable(blockedUntil).map(Instant::ofEpochMilli),
        valid,
        invalid,
        Instant.ofEpochMilli(firstSeen),
        Instant.ofEpochMilli(lastSeen));
  }
}
