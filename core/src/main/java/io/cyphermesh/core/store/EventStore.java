package io.cyphermesh.core.store;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The log of events. Each stored event has a sequence number; everything behind the store reads it
 * by cursor.
 *
 * <p>Writes go through one writer, which groups what is waiting into one transaction. Reads may
 * come from any thread. A method that queues a write blocks while the queue is full.
 */
public interface EventStore extends AutoCloseable {

  // ---- events

  /**
   * Queues an event that was received and judged valid. The writer checks once more that it is no
   * duplicate, that neither its reporter nor its deliverer is banned or blocked, and asks the
   * {@link Gate}. If it is stored, its reporter's score rises by one. {@code done} is called on the
   * writer's thread after the commit, in the order of the queue, and must not block.
   */
  void add(Arrival arrival, Consumer<Outcome> done) throws InterruptedException;

  /**
   * Stores events of our own together with a checkpoint, in one transaction, and returns when they
   * are durable (fsync). An event whose key is stored already is left out of the answer.
   *
   * @throws InterruptedException if interrupted before they were queued, so that nothing is stored;
   *     later on it is waited for the answer all the same
   */
  List<StoredEvent> addLocal(List<SignedEvent> events, Optional<CheckpointWrite> checkpoint)
      throws InterruptedException;

  /**
   * Stores events that came in by a file and were judged valid, in one transaction, and returns
   * when it is committed. As {@link #add}, but nobody delivered them, the {@link Gate} is not
   * asked, and no score changes: a file says nothing about who behaves how.
   *
   * @return what became of each, in order; never {@link Outcome.Failed}, which is thrown
   */
  List<Outcome> addImported(List<Imported> events) throws InterruptedException;

  /** Whether an event is stored under {@code key}. */
  boolean contains(EventId key);

  /** Whether a full event with this id and the same five fields as {@code bare} is stored. */
  boolean containsFullFormOf(SignedEvent bare);

  /** The event stored under {@code key}. */
  Optional<StoredEvent> find(EventId key);

  /** Those of the events that are stored, in the order of the keys. */
  List<StoredEvent> find(List<EventId> keys);

  /** At most {@code limit} events with {@code seq < before}, newest first. */
  List<StoredEvent> newest(int limit, long before);

  /** At most {@code limit} events with {@code seq > after}, oldest first. */
  List<StoredEvent> after(long after, int limit);

  /**
   * Of at most {@code limit} full events with {@code seq > after} that are marked clear or green,
   * oldest first, what they are known by: all that is needed to compare with what others have.
   */
  List<Item> items(long after, int limit);

  /**
   * Tells of full events that are stored no more, whatever their marking, in portions. {@code
   * listener} is called on the writer's thread after the commit, and must not block. There is one
   * listener; a later one takes its place.
   */
  void onDeleted(Consumer<List<Deleted>> listener);

  /**
   * The sequence number before which all but the newest {@code count} events lie; 0 if there are
   * fewer.
   */
  long seqBeforeNewest(int count);

  /** Searches and statistics of the stored events. */
  EventSearch search();

  /** Counts of stored events; cheap. */
  Counts counts();

  /** Size of the database's files, in bytes. */
  long bytes();

  // ---- checkpoints

  /** Queues a checkpoint; it is committed with the next group. */
  void saveCheckpoint(CheckpointWrite checkpoint) throws InterruptedException;

  /** What was last saved for {@code owner}. */
  Optional<byte[]> checkpoint(String owner);

  // ---- exporters

  /**
   * The position of an exporter. One that is new gets one, behind everything stored by now or, with
   * {@code fromStart}, before it. Returns when committed.
   */
  ExportPosition openExport(String owner, boolean fromStart) throws InterruptedException;

  /**
   * Queues a move of an exporter's position; it is committed with the next group. Events that are
   * deleted behind the position from now on count as lost.
   */
  void moveExport(String owner, long seq) throws InterruptedException;

  /** The committed position of an exporter that was opened. */
  Optional<ExportPosition> exportPosition(String owner);

  /**
   * What lies behind a position.
   *
   * @param max where counting ends
   */
  Backlog backlog(long after, int max);

  // ---- peers and their scores

  /**
   * Queues a change of a peer's score. {@code done} gets the standing after it, on the writer's
   * thread after the commit.
   *
   * @param key the peer's key, so that the peer can be known before it ever reported
   * @param delta what is added to its score
   * @param blockedUntil a passing block that begins now, if any
   */
  void adjust(
      PeerId peer,
      Optional<byte[]> key,
      int delta,
      Optional<Instant> blockedUntil,
      Consumer<Standing> done)
      throws InterruptedException;

  /** Queues a note that a peer was seen linked. */
  void seen(NodeId peer, byte[] key) throws InterruptedException;

  /**
   * Sets a ban by the operator's word, which no score lifts, or lifts every ban; lifting sets a
   * score below zero back to zero. Returns when committed.
   */
  Standing setBanned(PeerId peer, boolean banned) throws InterruptedException;

  /**
   * How a peer's score went, for the last {@link ScorePoint#KEPT}: the score at the end of each
   * {@link ScorePoint#SLOT} in which it changed, and the last one before.
   *
   * @return oldest first; empty if the peer is unknown
   */
  List<ScorePoint> scores(PeerId peer, Instant now);

  /** All that are banned, or blocked beyond {@code now}. */
  List<Standing> bannedOrBlocked(Instant now);

  /** How a peer stands; empty if it was never met. */
  Optional<Standing> peer(PeerId peer);

  /** At most {@code limit} peers, those last seen first. */
  List<Standing> peers(int limit);

  // ---- addresses

  /** Inserts or replaces an address by its host and port. Returns when committed. */
  void saveAddress(KnownAddress address) throws InterruptedException;

  /**
   * Replaces all addresses but the operator's by those of {@code addresses}, in one transaction;
   * the operator's are inserted or replaced, never deleted. Where an address comes without {@link
   * KnownAddress#lastSuccess}, the one that is known stays; a row that does not change is not
   * written. Returns when committed.
   */
  void saveAddresses(List<KnownAddress> addresses) throws InterruptedException;

  /** Deletes an address, whoever named it. Returns when committed. */
  void forgetAddress(HostPort address) throws InterruptedException;

  /** All known addresses, operator's first, at most 10,000. */
  List<KnownAddress> addresses();

  /** Commits what is queued and closes in order. */
  @Override
  void close();

  /** Asked on the writer for each event that would be stored (wire-protocol 3.2, step 7). */
  @FunctionalInterface
  interface Gate {
    /**
     * Whether the reporter is within its rate.
     *
     * @param firstSeen when this node first met the reporter; {@code now} at its first event
     */
    boolean admits(NodeId reporter, Instant firstSeen, Instant now);

    /**
     * The same of an event that came late.
     *
     * @param eventTime the event's own time
     */
    default boolean admitsLate(NodeId reporter, Instant firstSeen, Instant eventTime, Instant now) {
      return admits(reporter, firstSeen, now);
    }
  }

  /**
   * An event that arrived and was found valid.
   *
   * @param event the event
   * @param bare whether its id cannot be checked
   * @param deliverer who delivered it
   * @param late whether it is an old one that we asked for, not one that is spreading
   */
  record Arrival(SignedEvent event, boolean bare, PeerId deliverer, boolean late) {
    /** One that is spreading. */
    public Arrival(SignedEvent event, boolean bare, PeerId deliverer) {
      this(event, bare, deliverer, false);
    }
  }

  /**
   * An event from a file.
   *
   * @param event the event
   * @param bare whether its id cannot be checked
   * @param local whether this node reported it once
   */
  record Imported(SignedEvent event, boolean bare, boolean local) {}

  /** What became of an arrival. */
  sealed interface Outcome {
    /** It is stored and committed. */
    record Stored(StoredEvent event) implements Outcome {}

    /** It, or its full form, was stored before. */
    record Duplicate() implements Outcome {}

    /**
     * Left aside, without blame.
     *
     * @param reason in a few words
     * @param what what it is that was left aside
     */
    record Ignored(String reason, Aside what) implements Outcome {}

    /** It could not be written, for instance since the disk is full. */
    record Failed(String reason) implements Outcome {}
  }

  /**
   * An event in the store.
   *
   * @param seq its number, ascending, never given twice
   * @param event the event
   * @param bare whether its id cannot be checked
   * @param local whether it is our own
   * @param deliverer who delivered it; empty for our own and for what was imported
   * @param receivedAt when it was stored
   */
  record StoredEvent(
      long seq,
      SignedEvent event,
      boolean bare,
      boolean local,
      Optional<PeerId> deliverer,
      Instant receivedAt) {
    /** What it is stored under. */
    public EventId key() {
      return event.key(bare);
    }
  }

  /**
   * What a stored full event is known by.
   *
   * @param timeMillis its own time, in milliseconds since 1970
   */
  record Item(long seq, long timeMillis, EventId key) {}

  /**
   * A full event that is stored no more.
   *
   * @param timeMillis its own time, in milliseconds since 1970
   */
  record Deleted(long timeMillis, EventId key) {}

  /**
   * A detector's saved state.
   *
   * @param owner whose it is
   * @param state opaque
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record CheckpointWrite(String owner, byte[] state) {}

  /**
   * How far an exporter has come.
   *
   * @param seq the number of the last event that it delivered
   * @param lost how many events were deleted before it could deliver them, ever
   */
  record ExportPosition(long seq, long lost) {}

  /**
   * What an exporter has not delivered yet.
   *
   * @param events how many events, at most as many as were to be counted
   * @param oldest when the first of them was stored
   */
  record Backlog(int events, Optional<Instant> oldest) {}

  /**
   * How a peer stands.
   *
   * @param score +1 for each valid event it reported, −3 for each invalid one it delivered
   * @param banned ignored until an operator lifts it
   * @param byOperator whether the operator banned it, whatever its score is
   * @param blockedUntil a passing block; what a score below the least does to an IP address, which
   *     is nobody's for good
   * @param valid valid events it reported
   * @param invalid invalid events it delivered
   * @param firstSeen when it was first met
   * @param lastSeen when it was last linked, or an event of it last stored
   */
  record Standing(
      PeerId peer,
      long score,
      boolean banned,
      boolean byOperator,
      Optional<Instant> blockedUntil,
      long valid,
      long invalid,
      Instant firstSeen,
      Instant lastSeen) {
    /** Whether it is ignored at {@code now}. */
    public boolean ignoredAt(Instant now) {
      return banned || blockedUntil.filter(now::isBefore).isPresent();
    }
  }

  /**
   * A score as it was at the end of a slot of time.
   *
   * @param slot when the slot began
   */
  record ScorePoint(Instant slot, long score) {
    /** Into which time is divided: at most one score is kept of each. */
    public static final Duration SLOT = Duration.ofMinutes(15);

    /** How far back. */
    public static final Duration KEPT = Duration.ofDays(7);
  }

  /**
   * A place where a node may listen.
   *
   * @param address where
   * @param origin how we know it
   * @param nodeId who was found there, or is said to be there
   * @param lastSuccess when a link to it last came up
   * @param tried whether one ever did
   * @param anchor whether it is to be dialled first
   * @param failures dials that failed since, while others were reached
   * @param source the network of whoever told of it, in a form of the mesh's own
   * @param record what the node there says of itself
   */
  record KnownAddress(
      HostPort address,
      Origin origin,
      Optional<NodeId> nodeId,
      Optional<Instant> lastSuccess,
      boolean tried,
      boolean anchor,
      int failures,
      Optional<String> source,
      Optional<PeerRecord> record) {
    /** One of which no more is known. */
    public KnownAddress(
        HostPort address, Origin origin, Optional<NodeId> nodeId, Optional<Instant> lastSuccess) {
      this(
          address,
          origin,
          nodeId,
          lastSuccess,
          lastSuccess.isPresent(),
          false,
          0,
          Optional.empty(),
          Optional.empty());
    }

    /** How an address came to be known. */
    public enum Origin {
      /** Named by the operator; kept for good, dialled always. */
      OPERATOR,
      /** Found on the LAN. */
      LAN,
      /** Told by a name server. */
      DNS,
      /** Told by a peer. */
      LEARNED
    }
  }

  /**
   * Counts of stored events.
   *
   * @param stored all
   * @param local our own among them
   */
  record Counts(long stored, long local) {}
}
