package io.cyphermesh.core.peer;

import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Makes up for what a peer missed while its link was down, or while its queue was full.
 *
 * <p>The store's log is read from a cursor of the peer's. When the peer has answered a ping behind
 * everything that was sent, and then a second one, the cursor moves to where the first one was:
 * what the peer had read but not yet committed when it died lies beyond it. {@link #OVERLAP} is for
 * a peer that is slower than that.
 */
public final class CatchUp {
  /** Pings with this number and above are ours, all below are the mesh's. */
  static final long FIRST_BARRIER = 1L << 40;

  private static final int OVERLAP = 256;
  private static final int PAGE = 64;
  private static final Duration PERIOD = Duration.ofSeconds(2);

  private final EventStore store;
  private final FrameCodec codec;
  private final int newest;

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
    String owner = "peer:" + link.peer().hex();
    long known = store.checkpoint(owner).map(state -> ByteBuffer.wrap(state).getLong()).orElse(0L);
    long saved = known;
    if (!replay(link, wanted, Math.max(known - OVERLAP, store.seqBeforeNewest(newest)))) {
      return;
    }
    long barrier = FIRST_BARRIER;
    long barrierSeq = -1;
    long answeredSeq = saved;
    while (!link.queue().isClosed()) {
      OptionalLong leftOut = link.queue().awaitLeftOut(PERIOD.toNanos());
      if (leftOut.isPresent()) {
        barrierSeq = -1;
        if (!replay(link, wanted, leftOut.getAsLong() - 1)) {
          return;
        }
      }
      for (Long answered = link.barriers().poll();
          answered != null;
          answered = link.barriers().poll()) {
        if (answered == barrier && barrierSeq > saved) {
          // What lay before the barrier is read, but only what lay before the last one is judged
          // and committed by now; that it is takes far less than a period.
          if (answeredSeq > saved) {
            saved = answeredSeq;
            store.saveCheckpoint(
                new CheckpointWrite(owner, ByteBuffer.allocate(Long.BYTES).putLong(saved).array()));
          }
          answeredSeq = barrierSeq;
          barrierSeq = -1;
        }
      }
      // The head is read before the queue is looked at: whatever came later is not vouched for.
      long head = head();
      if (head > saved && link.queue().drained()) {
        barrier++;
        barrierSeq = head;
        link.send(codec.encode(new Message.Ping(barrier)));
      }
    }
  }

  private long head() {
    List<StoredEvent> newestOne = store.newest(1, Long.MAX_VALUE);
    return newestOne.isEmpty() ? 0 : newestOne.getFirst().seq();
  }

  private boolean replay(LinkSession link, Predicate<StoredEvent> wanted, long after)
      throws InterruptedException {
    // What is stored from now on is queued as it comes, or left out and made up for later.
    long end = head();
    long cursor = after;
    while (true) {
      List<StoredEvent> page = store.after(cursor, PAGE);
      for (StoredEvent stored : page) {
        cursor = stored.seq();
        if (cursor > end) {
          return true;
        }
        if (wanted.test(stored)
            && !link.queue()
                .putReplayed(
                    stored.event().reporter().nodeId(),
                    codec.encode(new Message.Event(stored.event(), 1)))) {
          return false;
        }
      }
      if (page.isEmpty() || cursor == end) {
        return true;
      }
    }
  }
}
