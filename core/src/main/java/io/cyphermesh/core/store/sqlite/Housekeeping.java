package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.store.StoreSettings;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the database within its age and size, one small step between groups of writes. A round goes
 * through the phases below; one begins every minute.
 */
final class Housekeeping {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);
  private static final Duration BETWEEN_ORPHANS = Duration.ofDays(1);
  private static final int BATCH = 500;
  private static final int STEPS_WHILE_OVER_SIZE = 4;
  private static final int EVENTS_BETWEEN_SIZE_CHECKS = 20_000;
  private static final int VACUUM_PAGES = 256;
  private static final int MIN_FREE_PAGES = 1024;

  /** How long a peer without events is remembered beyond the retention horizon. */
  private static final Duration PEER_MARGIN = Duration.ofDays(1);

  /** A score from which on a peer is never forgotten. */
  private static final int PROVEN = 100;

  private static final String DELETE_OLD =
      "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE time < ? ORDER BY time LIMIT ?)"
          + WriteSession.RETURNING;

  /**
   * A peer is seen whenever it reports or delivers, so none of these is referred to by a deliverer
   * column; the reporter column is asked.
   */
  private static final String DELETE_PEERS =
      "DELETE FROM peer WHERE ref IN (SELECT ref FROM peer WHERE last_seen < ?1 AND banned = 0"
          + " AND (blocked_until IS NULL OR blocked_until < ?1) AND score < ?2 AND NOT EXISTS"
          + " (SELECT 1 FROM search WHERE reporter = ref) LIMIT ?3) RETURNING id, ref";

  /** What catch-up keeps of a peer. */
  private static final String PEER_CHECKPOINT = "peer:";

  private static final String DELETE_CHECKPOINT = "DELETE FROM checkpoint WHERE owner = ?";
  private static final String DELETE_ORPHANS =
      "DELETE FROM checkpoint WHERE owner IN (SELECT owner FROM checkpoint WHERE owner >= 'peer:'"
          + " AND owner < 'peer;' AND length(owner) = 69 AND owner NOT GLOB 'peer:*[^0-9a-f]*'"
          + " AND NOT EXISTS (SELECT 1 FROM peer WHERE id = unhex(substr(owner, 6))) LIMIT ?)";

  private static final String VICTIMS =
      "SELECT ref FROM peer WHERE EXISTS (SELECT 1 FROM search WHERE reporter = ref AND local = 0)"
          + " ORDER BY first_seen DESC, score LIMIT 100";
  private static final String DELETE_OF_REPORTER =
      "DELETE FROM event WHERE seq IN (SELECT seq FROM search WHERE reporter = ? AND local = 0"
          + " ORDER BY seq LIMIT ?)"
          + WriteSession.RETURNING;
  private static final String DELETE_OLDEST =
      "DELETE FROM event WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT ?)"
          + WriteSession.RETURNING;

  private enum Phase {
    IDLE,
    RETENTION,
    PEERS,
    ORPHANS,
    SIZE,
    VACUUM
  }

  private final DatabaseFile file;
  private final WriteSession session;
  private final StoreSettings settings;
  private final InstantSource clock;
  private final ArrayDeque<Long> victimRefs = new ArrayDeque<>();
  private final long pageSize;
  private Phase phase = Phase.IDLE;
  private Instant nextRound;
  private Instant nextOrphans;
  private long storedAtSizeCheck;
  private boolean evicting;

  Housekeeping(DatabaseFile file, WriteSession session, StoreSettings settings, InstantSource clock)
      throws SQLException {
    this.file = file;
    this.session = session;
    this.settings = settings;
    this.clock = clock;
    this.nextRound = clock.instant();
    this.nextOrphans = nextRound;
    pageSize = DatabaseFile.number(session.connection(), "PRAGMA page_size");
  }

  /** Whether a step waits to be done, so that the writer should not sleep. */
  boolean pending() {
    return phase != Phase.IDLE;
  }

  /**
   * Does what is due, little of it.
   *
   * @param idle whether no write is waiting
   */
  void step(boolean idle) {
    try {
      for (int i = 0; i < (evicting ? STEPS_WHILE_OVER_SIZE : 1); i++) {
        phase = next(idle);
      }
    } catch (SQLException e) {
      log.warn("Old events could not be deleted: {}", file.explain(e));
      session.rollback();
      evicting = false;
      phase = Phase.IDLE;
    }
  }

  private Phase next(boolean idle) throws SQLException {
    return switch (phase) {
      case IDLE -> begin();
      case RETENTION -> deleteOld() < BATCH ? Phase.PEERS : Phase.RETENTION;
      case PEERS -> deletePeers() < BATCH ? Phase.ORPHANS : Phase.PEERS;
      case ORPHANS -> deleteOrphans() < BATCH ? Phase.SIZE : Phase.ORPHANS;
      case SIZE -> shrink() ? Phase.SIZE : Phase.VACUUM;
      // Where writes wait they take the free pages soon enough.
      case VACUUM -> idle && vacuum() ? Phase.VACUUM : Phase.IDLE;
    };
  }

  private Phase begin() {
    Instant now = clock.instant();
    if (!now.isBefore(nextRound) || now.isBefore(nextRound.minus(BETWEEN_ROUNDS))) {
      nextRound = now.plus(BETWEEN_ROUNDS);
      return Phase.RETENTION;
    }
    return session.nextSeq() - storedAtSizeCheck > EVENTS_BETWEEN_SIZE_CHECKS
        ? Phase.SIZE
        : Phase.IDLE;
  }

  private int deleteOld() throws SQLException {
    long horizon = clock.instant().minus(settings.retention()).toEpochMilli();
    PreparedStatement deleteOld = session.statement(DELETE_OLD);
    deleteOld.setLong(1, horizon);
    deleteOld.setInt(2, BATCH);
    return deleteIn(deleteOld);
  }

  private int deletePeers() throws SQLException {
    Instant horizon = clock.instant().minus(settings.retention()).minus(PEER_MARGIN);
    PreparedStatement deletePeers = session.statement(DELETE_PEERS);
    deletePeers.setLong(1, horizon.toEpochMilli());
    deletePeers.setInt(2, PROVEN);
    deletePeers.setInt(3, BATCH);
    session.begin(false);
    Map<PeerId, Long> deleted = new LinkedHashMap<>();
    try (ResultSet rows = deletePeers.executeQuery()) {
      while (rows.next()) {
        deleted.put(Columns.peer(rows.getBytes(1)), rows.getLong(2));
      }
    }
    PreparedStatement deleteCheckpoint = session.statement(DELETE_CHECKPOINT);
    for (Map.Entry<PeerId, Long> peer : deleted.entrySet()) {
      session.peers().deleted(peer.getKey(), peer.getValue());
      deleteCheckpoint.setString(1, PEER_CHECKPOINT + peer.getKey().text());
      deleteCheckpoint.executeUpdate();
    }
    session.commit();
    return deleted.size();
  }

  /** Checkpoints of peers of which nothing else is known, as a link outlives its peer's row. */
  private int deleteOrphans() throws SQLException {
    Instant now = clock.instant();
    if (now.isBefore(nextOrphans) && !now.isBefore(nextOrphans.minus(BETWEEN_ORPHANS))) {
      return 0;
    }
    PreparedStatement deleteOrphans = session.statement(DELETE_ORPHANS);
    deleteOrphans.setInt(1, BATCH);
    session.begin(false);
    int count = deleteOrphans.executeUpdate();
    session.commit();
    if (count < BATCH) {
      nextOrphans = now.plus(BETWEEN_ORPHANS);
    }
    return count;
  }

  /** Deletes one batch while the database is too big. Whether there may be more to do. */
  private boolean shrink() throws SQLException {
    storedAtSizeCheck = session.nextSeq();
    long used =
        (DatabaseFile.number(session.connection(), "PRAGMA page_count")
                - DatabaseFile.number(session.connection(), "PRAGMA freelist_count"))
            * pageSize;
    // Once begun it goes on a little below the limit, so that it does not begin anew at each event.
    long limit = evicting ? settings.maxBytes() / 100 * 98 : settings.maxBytes();
    if (used <= limit || session.counts().stored() == 0) {
      if (evicting) {
        log.info("The database is within its size limit again: {} bytes", used);
      }
      evicting = false;
      victimRefs.clear();
      return false;
    }
    if (!evicting) {
      log.warn(
          "The database uses {} bytes, its limit is {}: oldest events of the newest, least proven"
              + " reporters are deleted",
          used,
          settings.maxBytes());
      evicting = true;
    }
    if (victimRefs.isEmpty()) {
      try (ResultSet rows = session.statement(VICTIMS).executeQuery()) {
        while (rows.next()) {
          victimRefs.add(rows.getLong(1));
        }
      }
    }
    Long victim = victimRefs.peek();
    if (victim == null) {
      PreparedStatement deleteOldest = session.statement(DELETE_OLDEST);
      deleteOldest.setInt(1, BATCH);
      return deleteIn(deleteOldest) > 0;
    }
    PreparedStatement deleteOfReporter = session.statement(DELETE_OF_REPORTER);
    deleteOfReporter.setLong(1, victim);
    deleteOfReporter.setInt(2, BATCH);
    if (deleteIn(deleteOfReporter) < BATCH) {
      victimRefs.remove();
    }
    return true;
  }

  private int deleteIn(PreparedStatement delete) throws SQLException {
    session.begin(false);
    int count = session.delete(delete);
    session.commit();
    return count;
  }

  /** Gives a few pages back where much of the file is free. Whether there is more to do. */
  private boolean vacuum() throws SQLException {
    long free = DatabaseFile.number(session.connection(), "PRAGMA freelist_count");
    long pages = DatabaseFile.number(session.connection(), "PRAGMA page_count");
    if (free < Math.max(MIN_FREE_PAGES, pages / 20)) {
      return false;
    }
    DatabaseFile.run(session.connection(), "PRAGMA incremental_vacuum(" + VACUUM_PAGES + ")");
    return true;
  }
}
