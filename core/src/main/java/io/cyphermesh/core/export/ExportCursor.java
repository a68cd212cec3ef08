package io.cyphermesh.core.export;

import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.Backlog;
import io.cyphermesh.core.store.EventStore.ExportPosition;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the log for one exporter: the same batch until it is delivered, then the next. The position
 * is durable, so that a restart goes on where the last delivered batch ended. One thread reads; any
 * may ask for {@link #lag}.
 */
public final class ExportCursor {
  /** Where counting what is left ends: beyond it a number says nothing more. */
  public static final int COUNTED = 100_000;

  /** Counting reads as many rows; who looks more often sees the last count. */
  static final Duration RECOUNT = Duration.ofSeconds(1);

  private final EventStore store;
  private final String owner;
  private final ExportScope scope;
  private final int batchSize;
  private final InstantSource clock;
  private final Object counting = new Object();
  private Optional<Count> counted = Optional.empty();
  private volatile long seq;
  private long pending;
  private Optional<ExportBatch> batch = Optional.empty();

  /**
   * How far an exporter is behind.
   *
   * @param backlog what it has not delivered yet, counted to {@link #COUNTED}
   * @param lost events that it missed for good
   */
  public record Lag(Backlog backlog, long lost) {}

  private record Count(Instant at, Backlog backlog) {}

  private ExportCursor(
      EventStore store,
      String owner,
      ExportScope scope,
      int batchSize,
      InstantSource clock,
      long seq) {
    this.store = store;
    this.owner = owner;
    this.scope = scope;
    this.batchSize = batchSize;
    this.clock = clock;
    this.seq = seq;
    this.pending = seq;
  }

  /**
   * Opens the cursor of {@code owner}, which begins anew where there was none.
   *
   * @param clock tells when to count anew how far it is behind
   */
  public static ExportCursor open(
      EventStore store, String owner, ExportSettings settings, InstantSource clock)
      throws InterruptedException {
    long seq = store.openExport(owner, settings.from() == ExportSettings.From.START).seq();
    return new ExportCursor(store, owner, new ExportScope(settings), settings.batch(), clock, seq);
  }

  /**
   * What is to be delivered next; the same again until {@link #delivered}. Empty if there is
   * nothing.
   */
  public Optional<ExportBatch> next() throws InterruptedException {
    while (batch.isEmpty()) {
      List<StoredEvent> page = store.after(pending, batchSize);
      if (page.isEmpty()) {
        break;
      }
      pending = page.getLast().seq();
      batch = visible(page);
      if (batch.isEmpty()) {
        move();
      }
    }
    return batch;
  }

  private Optional<ExportBatch> visible(List<StoredEvent> page) {
    List<ThreatEvent> events = new ArrayList<>(page.size());
    long first = 0;
    long last = 0;
    for (StoredEvent stored : page) {
      Optional<ThreatEvent> event = scope.view(stored);
      if (event.isPresent()) {
        first = events.isEmpty() ? stored.seq() : first;
        last = stored.seq();
        events.add(event.get());
      }
    }
    return events.isEmpty()
        ? Optional.empty()
        : Optional.of(new ExportBatch(events, first, last, lost()));
  }

  /** The batch that {@link #next} gave is delivered. */
  public void delivered() throws InterruptedException {
    if (batch.isPresent()) {
      batch = Optional.empty();
      move();
    }
  }

  private void move() throws InterruptedException {
    seq = pending;
    store.moveExport(owner, pending);
  }

  private long lost() {
    return store.exportPosition(owner).map(ExportPosition::lost).orElse(0L);
  }

  /** How far it is behind, as counted within the last second. */
  public Lag lag() {
    return new Lag(backlog(), lost());
  }

  private Backlog backlog() {
    synchronized (counting) {
      Instant now = clock.instant();
      // A clock that was set back must not keep a count for as long.
      Optional<Count> fresh =
          counted.filter(count -> !now.isBefore(count.at) && now.isBefore(count.at.plus(RECOUNT)));
      if (fresh.isPresent()) {
        return fresh.get().backlog;
      }
      Count count = new Count(now, store.backlog(seq, COUNTED));
      counted = Optional.of(count);
      return count.backlog;
    }
  }
}
