package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.Aside;
import io.cyphermesh.core.store.EventStore.Arrival;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.ExportPosition;
import io.cyphermesh.core.store.EventStore.Gate;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.EventStore.Outcome;
import io.cyphermesh.core.store.EventStore.Standing;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kinds of writes. */
final class Writes {
  private static final Logger log = LoggerFactory.getLogger(Writes.class);

  private Writes() {}

  /** A received event. */
  static final class Add implements Write {
    private final Arrival arrival;
    private final Gate gate;
    private final InstantSource clock;
    private final Consumer<Outcome> done;

    /** What the gate said, which counts what it admits and so is asked only once. */
    private @Nullable Boolean admitted;

    Add(Arrival arrival, Gate gate, InstantSource clock, Consumer<Outcome> done) {
      this.arrival = arrival;
      this.gate = gate;
      this.clock = clock;
      this.done = done;
    }

    @Override
    public Runnable apply(WriteSession session) throws SQLException {
      Outcome outcome = judge(session);
      return () -> done.accept(outcome);
    }

    private Outcome judge(WriteSession session) throws SQLException {
      SignedEvent event = arrival.event();
      EventId key = event.key(arrival.bare());
      if (session.holds(key) || (arrival.bare() && session.holdsFullFormOf(event))) {
        return new Outcome.Duplicate();
      }
      Instant now = clock.instant();
      PeerRow reporter = session.peers().find(new PeerId.Node(event.reporter().nodeId()));
      if (reporter != null && reporter.ignoredAt(now.toEpochMilli())) {
        return new Outcome.Ignored("the reporter is banned", Aside.EVENT);
      }
      PeerRow deliverer = session.peers().find(arrival.deliverer());
      if (deliverer != null && deliverer.ignoredAt(now.toEpochMilli())) {
        return new Outcome.Ignored("the deliverer is banned", Aside.DELIVERY);
      }
      if (!admits(reporter, now)) {
        return new Outcome.Ignored(
            arrival.late() ? "more late events than are taken" : "the reporter's rate is exceeded",
            Aside.MOMENT);
      }
      return new Outcome.Stored(
          session.store(
              event, key, arrival.bare(), Optional.of(arrival.deliverer()), now.toEpochMilli()));
    }

    private boolean admits(@Nullable PeerRow reporter, Instant now) {
      Boolean known = admitted;
      if (known == null) {
        Instant firstSeen = reporter == null ? now : Instant.ofEpochMilli(reporter.firstSeen);
        NodeId id = arrival.event().reporter().nodeId();
        known =
            arrival.late()
                ? gate.admitsLate(id, firstSeen, time(arrival.event(), now), now)
                : gate.admits(id, firstSeen, now);
        admitted = known;
      }
      return known;
    }

    private static Instant time(SignedEvent event, Instant now) {
      return event.time().map(EventTime::instant).orElse(now);
    }

    @Override
    public void failed(StoreException cause) {
      done.accept(new Outcome.Failed(String.valueOf(cause.getMessage())));
    }
  }

  /** A write whose caller waits for it. */
  abstract static class Awaited<T> implements Write {
    final CompletableFuture<T> result = new CompletableFuture<>();

    abstract T change(WriteSession session) throws SQLException;

    @Override
    public Runnable apply(WriteSession session) throws SQLException {
      T value = change(session);
      return () -> result.complete(value);
    }

    @Override
    public void failed(StoreException cause) {
      result.completeExceptionally(cause);
    }
  }

  /** Events of our own with a checkpoint. */
  static final class AddLocal extends Awaited<List<StoredEvent>> {
    private final List<SignedEvent> events;
    private final Optional<CheckpointWrite> checkpoint;
    private final InstantSource clock;

    AddLocal(List<SignedEvent> events, Optional<CheckpointWrite> checkpoint, InstantSource clock) {
      this.events = List.copyOf(events);
      this.checkpoint = checkpoint;
      this.clock = clock;
    }

    @Override
    public boolean durable() {
      return true;
    }

    @Override
    List<StoredEvent> change(WriteSession session) throws SQLException {
      long now = clock.millis();
      List<StoredEvent> stored = new ArrayList<>(events.size());
      for (SignedEvent event : events) {
        EventId key = event.key(false);
        if (!session.holds(key)) {
          stored.add(session.store(event, key, false, Optional.empty(), now));
        }
      }
      if (checkpoint.isPresent()) {
        save(session, checkpoint.get());
      }
      return List.copyOf(stored);
    }
  }

  /** Events from a file. */
  static final class AddImported extends Awaited<List<Outcome>> {
    private final List<Imported> events;
    private final InstantSource clock;

    AddImported(List<Imported> events, InstantSource clock) {
      this.events = List.copyOf(events);
      this.clock = clock;
    }

    @Override
    List<Outcome> change(WriteSession session) throws SQLException {
      long now = clock.millis();
      List<Outcome> outcomes = new ArrayList<>(events.size());
      for (Imported imported : events) {
        outcomes.add(judge(session, imported, now));
      }
      return List.copyOf(outcomes);
    }

    private static Outcome judge(WriteSession session, Imported imported, long now)
        throws SQLException {
      SignedEvent event = imported.event();
      EventId key = event.key(imported.bare());
      if (session.holds(key) || (imported.bare() && session.holdsFullFormOf(event))) {
        return new Outcome.Duplicate();
      }
      PeerRow reporter = session.peers().find(new PeerId.Node(event.reporter().nodeId()));
      if (reporter != null && reporter.ignoredAt(now)) {
        return new Outcome.Ignored("the reporter is banned", Aside.EVENT);
      }
      return new Outcome.Stored(
          session.storeImported(event, key, imported.bare(), imported.local(), now));
    }
  }

  /** A checkpoint without an event. */
  record SaveCheckpoint(CheckpointWrite checkpoint) implements Write {
    @Override
    public Runnable apply(WriteSession session) throws SQLException {
      save(session, checkpoint);
      return () -> {};
    }

    @Override
    public void failed(StoreException cause) {
      log.warn("The checkpoint of {} is not saved: {}", checkpoint.owner(), cause.getMessage());
    }
  }

  /** The position of an exporter, found or made. */
  static final class OpenExport extends Awaited<ExportPosition> {
    private final String owner;
    private final boolean fromStart;

    OpenExport(String owner, boolean fromStart) {
      this.owner = owner;
      this.fromStart = fromStart;
    }

    @Override
    ExportPosition change(WriteSession session) throws SQLException {
      return session.exports().open(owner, fromStart ? 0 : session.nextSeq() - 1);
    }
  }

  /** A move of an exporter's position. */
  record MoveExport(String owner, long seq) implements Write {
    @Override
    public Runnable apply(WriteSession session) {
      session.exports().move(owner, seq);
      return () -> {};
    }

    @Override
    public void failed(StoreException cause) {
      log.warn("The position of {} is not saved: {}", owner, cause.getMessage());
    }
  }

  /** A change of a score. */
  record Adjust(
      PeerId peer,
      Optional<byte[]> key,
      int delta,
      Optional<Instant> blockedUntil,
      long now,
      Consumer<Standing> done)
      implements Write {
    @Override
    public Runnable apply(WriteSession session) throws SQLException {
      PeerRow row = session.peers().change(peer, now);
      key.ifPresent(der -> session.peers().learnKey(row, der));
      row.adjust(delta, now);
      blockedUntil.ifPresent(until -> row.blockUntil(until.toEpochMilli()));
      Standing standing = row.standing();
      return () -> done.accept(standing);
    }

    @Override
    public void failed(StoreException cause) {
      log.warn("The score of {} is not changed: {}", peer.abbreviated(), cause.getMessage());
    }
  }

  /** A note that a peer was linked. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Seen(NodeId peer, byte[] key, long now) implements Write {
    @Override
    public Runnable apply(WriteSession session) throws SQLException {
      PeerRow row = session.peers().change(new PeerId.Node(peer), now);
      session.peers().learnKey(row, key);
      row.seen(now);
      return () -> {};
    }

    @Override
    public void failed(StoreException cause) {
      log.debug("Not noted that {} was seen: {}", peer.abbreviated(), cause.getMessage());
    }
  }

  /** An operator's ban. It is synced, since nobody else remembers it. */
  static final class SetBanned extends Awaited<Standing> {
    private final PeerId peer;
    private final boolean banned;
    private final InstantSource clock;

    SetBanned(PeerId peer, boolean banned, InstantSource clock) {
      this.peer = peer;
      this.banned = banned;
      this.clock = clock;
    }

    @Override
    public boolean durable() {
      return true;
    }

    @Override
    Standing change(WriteSession session) throws SQLException {
      PeerRow row = session.peers().change(peer, clock.millis());
      row.setBanned(banned);
      return row.standing();
    }
  }

  private static void save(WriteSession session, CheckpointWrite checkpoint) throws SQLException {
    PreparedStatement save =
        session.statement("INSERT OR REPLACE INTO checkpoint (owner, state) VALUES (?, ?)");
    save.setString(1, checkpoint.owner());
    save.setBytes(2, checkpoint.state());
    save.executeUpdate();
  }
}
