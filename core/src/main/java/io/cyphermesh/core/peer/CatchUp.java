package io.cyphermesh.core.peer;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Makes up for what a peer missed while its link was down, or while its queue was full.
 *
 * <p>The store's log is read from a cursor of the peer's. When the peer has answered a ping behind
 * everything that was sent, and then a second one, the cursor moves to where the first one was:
 * what the peer had read but not yet committed when it died lies beyond it. {@link #OVERLAP} is for
 * a peer that is slower than that. Also in the midst of a long replay, so that one that is cut off
 * was not in vain.
 */
public final class CatchUp {
  /** Pings with this number and above are ours, all below are the mesh's. */
  static final long FIRST_BARRIER = 1L << 40;

  private static final long NONE = -1;

  /** As many as a node of ours judges at once of one link. */
  private static final int OVERLAP = 128;

  /** Events between two barriers while much is made up for. */
  private static final int STRIDE = 32;

  /** What a plain host gets first of which this node, since it started, sent nothing yet. */
  private static final int PLAIN_NEWEST = 500;

  private static final int PLAIN_HOSTS = 64;

  private static final int PAGE = 64;
  private static final Duration PERIOD = Duration.ofSeconds(2);

  private final EventStore store;
  private final FrameCodec codec;
  private final int newest;
  private final Map<PeerId.PlainHost, Long> sentPlain =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId.PlainHost, Long> eldest) {
          return size() > PLAIN_HOSTS;
        }
      };

  /**
   * Catch-up from a store.
   *
   * @param newest how many events at most a peer gets that we never met, or that was away for long
   */
  public CatchUp(EventStore store, FrameCodec codec, int newest) {
    this.store = store;
    this.codec = codec;
    this.newest = newest;
  }

  /**
   * Serves one link until it is gone.
   *
   * @param wanted which events the peer may see and did not send
   */
  public void run(LinkSession link, Predicate<StoredEvent> wanted) throws InterruptedException {
    if (link.peer() instanceof PeerId.PlainHost host) {
      runPlain(link, host, wanted);
      return;
    }
    String owner = "peer:" + link.peer().text();
    long known = store.checkpoint(owner).map(state -> ByteBuffer.wrap(state).getLong()).orElse(0L);
    Barriers barriers = new Barriers(link, owner, known);
    if (!replay(link, wanted, Math.max(known - OVERLAP, store.seqBeforeNewest(newest)), barriers)) {
      return;
    }
    while (!link.queue().isClosed()) {
      OptionalLong leftOut = link.queue().awaitLeftOut(PERIOD.toNanos());
      if (leftOut.isPresent()) {
        barriers.forget();
        if (!replay(link, wanted, leftOut.getAsLong() - 1, barriers)) {
          return;
        }
      }
      barriers.takeAnswers();
      // The head is read before the queue is looked at: whatever came later is not vouched for.
      long head = head();
      if (link.queue().drained()) {
        barriers.raise(head);
      }
    }
  }

  /**
   * Version 1 has nothing that would tell how far a peer has come. What was handed to the transport
   * counts as read, and is known only as long as this node runs.
   */
  private void runPlain(LinkSession link, PeerId.PlainHost host, Predicate<StoredEvent> wanted)
      throws InterruptedException {
    Barriers none = new Barriers(link, "", Long.MAX_VALUE);
    long sent;
    synchronized (sentPlain) {
      sent = sentPlain.getOrDefault(host, store.seqBeforeNewest(PLAIN_NEWEST) + OVERLAP);
    }
    long after = Math.max(sent - OVERLAP, store.seqBeforeNewest(newest));
    boolean going = replay(link, wanted, after, none);
    while (going && !link.queue().isClosed()) {
      OptionalLong leftOut = link.queue().awaitLeftOut(PERIOD.toNanos());
      if (leftOut.isPresent()) {
        going = replay(link, wanted, leftOut.getAsLong() - 1, none);
      }
      long head = head();
      if (link.queue().drained()) {
        synchronized (sentPlain) {
          sentPlain.put(host, head);
        }
      }
    }
  }

  /** How far the peer is known to have come: pings behind what was sent, and their answers. */
  private final class Barriers {
    private final LinkSession link;
    private final String owner;
    private long saved;
    private long number = FIRST_BARRIER;
    private long raisedSeq = NONE;
    private long answeredSeq;

    Barriers(LinkSession link, String owner, long saved) {
      this.link = link;
      this.owner = owner;
      this.saved = saved;
      this.answeredSeq = saved;
    }

    /** Asks the peer for an answer behind {@code seq}, if it does not owe one. */
    void raise(long seq) {
      if (raisedSeq == NONE && seq > saved) {
        number++;
        raisedSeq = seq;
        link.send(codec.encode(new Message.Ping(number)));
      }
    }

    /** An answer that is under way vouches for nothing. */
    void forget() {
      raisedSeq = NONE;
    }

    void takeAnswers() throws InterruptedException {
      for (Long answered = link.barriers().poll();
          answered != null;
          answered = link.barriers().poll()) {
        if (answered.longValue() != number || raisedSeq == NONE) {
          continue;
        }
        // What lay before the barrier is read, but only what lay before the last one is judged
        // and committed by now; what a peer may have read and not judged is less than the overlap.
        if (answeredSeq > saved) {
          saved = answeredSeq;
          store.saveCheckpoint(
              new CheckpointWrite(owner, ByteBuffer.allocate(Long.BYTES).putLong(saved).array()));
        }
        answeredSeq = raisedSeq;
        raisedSeq = NONE;
      }
    }
  }

  private long head() {
    List<StoredEvent> newestOne = store.newest(1, Long.MAX_VALUE);
    return newestOne.isEmpty() ? 0 : newestOne.getFirst().seq();
  }

  private boolean replay(
      LinkSession link, Predicate<StoredEvent> wanted, long after, Barriers barriers)
      throws InterruptedException {
    // What is stored from now on is queued as it comes, or left out and made up for later.
    long end = head();
    long cursor = after;
    long queued = 0;
    while (true) {
      List<StoredEvent> page = store.after(cursor, PAGE);
      for (StoredEvent stored : page) {
        if (stored.seq() > end) {
          return true;
        }
        cursor = stored.seq();
        if (!wanted.test(stored)) {
          continue;
        }
        if (!link.queue()
            .putReplayed(
                stored.event().reporter().nodeId(),
                link.encode(new Message.Event(stored.event(), 1)),
                cursor)) {
          return false;
        }
        // At the pace of one reporter much to make up for takes minutes, and few links of a
        // restless network last so long: the next one is to go on, not to begin again.
        if (++queued % STRIDE == 0) {
          barriers.takeAnswers();
          barriers.raise(Math.min(cursor, link.queue().firstReplayed() - 1));
        }
      }
      if (page.isEmpty() || cursor == end) {
        return true;
      }
    }
  }
}
