package io.cyphermesh.core.pipeline;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.OriginalEvent;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.Aside;
import io.cyphermesh.core.store.EventStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Judges events from peers. {@link #examine} is steps 3 to 6 of wire-protocol 3.2, {@link #store}
 * is steps 7 and 8, on the store's writer, where duplicate and ban are looked at once more. Steps 1
 * and 2 are the link's.
 */
public final class Pipeline {
  private static final String BANNED = "its deliverer is banned";

  private static final Duration AHEAD = Duration.ofMinutes(10);

  /** Version 1 stamps are local time: up to 14 hours ahead of UTC. */
  private static final Duration AHEAD_APPROXIMATE = Duration.ofHours(14).plus(AHEAD);

  private final EventVerifier verifier;
  private final OriginalVerifier original;
  private final EventStore store;
  private final Standings standings;
  private final Duration retention;
  private final InstantSource clock;

  /** Who is ignored at this moment. */
  @FunctionalInterface
  public interface Standings {
    boolean ignored(PeerId peer);
  }

  public Pipeline(
      EventVerifier verifier,
      OriginalVerifier original,
      EventStore store,
      Standings standings,
      Duration retention,
      InstantSource clock) {
    this.verifier = verifier;
    this.original = original;
    this.store = store;
    this.standings = standings;
    this.retention = retention;
    this.clock = clock;
  }

  /** What the examination came to. */
  public sealed interface Examination {
    /** Valid as far as can be seen without the writer. */
    record Valid(boolean bare) implements Examination {}

    /** The verdict is final. */
    record Settled(Verdict verdict) implements Examination {}
  }

  /** Steps 3 to 6. Costs one RSA verification at most; call it on a pool. */
  public Examination examine(SignedEvent event, PeerId deliverer) {
    return examine(event, Optional.of(deliverer));
  }

  /** As {@link #examine(SignedEvent, PeerId)}, of an event that nobody delivered. */
  public Examination examineImported(SignedEvent event) {
    return examine(event, Optional.empty());
  }

  private Examination examine(SignedEvent event, Optional<PeerId> deliverer) {
    if (store.contains(event.claimedId())) {
      // Under this very id a full event is stored; a bare one that claims it is the same only where
      // its fields are.
      if (event.details().isPresent() || event.idMatches() || store.containsFullFormOf(event)) {
        return settled(new Verdict.Duplicate());
      }
    }
    boolean idMatches = event.idMatches();
    boolean mayBeBare = event.details().isEmpty() && !idMatches;
    if (mayBeBare && store.contains(event.key(true))) {
      return settled(new Verdict.Duplicate());
    }
    if (deliverer.filter(standings::ignored).isPresent()) {
      return settled(new Verdict.Ignored(BANNED, Aside.DELIVERY));
    }
    if (standings.ignored(new PeerId.Node(event.reporter().nodeId()))) {
      return settled(new Verdict.Ignored("its reporter is banned"));
    }
    Optional<String> untimely = untimely(event);
    if (untimely.isPresent()) {
      return settled(new Verdict.Ignored(untimely.get()));
    }
    return switch (verifier.check(event, idMatches)) {
      case WRONG_ID -> settled(refused(event, deliverer, "the id is not the hash of the content"));
      case WRONG_SIGNATURE ->
          settled(refused(event, deliverer, "the signature is not the reporter's"));
      case FULL, BARE ->
          event.tlp().isEmpty()
              ? settled(new Verdict.Ignored("an unknown tlp marking"))
              : new Examination.Valid(mayBeBare);
    };
  }

  /** An original node sees no details: what it takes for valid is no fault of its own. */
  private Verdict refused(SignedEvent event, Optional<PeerId> deliverer, String why) {
    return deliverer.filter(PeerId.PlainHost.class::isInstance).isPresent()
            && event.details().isPresent()
            && original.accepts(OriginalEvent.of(event))
        ? new Verdict.Ignored(why, Aside.DELIVERY)
        : new Verdict.Rejected(why);
  }

  /**
   * Judges an event of a plain link that has not our form: nobody stores it, but who delivered it
   * is to blame only where an original node would refuse it. Costs one RSA verification at most.
   */
  public Verdict examine(OriginalEvent event, String why, PeerId deliverer) {
    if (standings.ignored(deliverer)) {
      return new Verdict.Ignored(BANNED, Aside.DELIVERY);
    }
    return original.accepts(event) ? new Verdict.Ignored(why) : new Verdict.Rejected(why);
  }

  private static Examination settled(Verdict verdict) {
    return new Examination.Settled(verdict);
  }

  /** Why an event is left aside for its timestamp; empty where nothing is wrong with it. */
  public Optional<String> untimely(SignedEvent event) {
    Optional<EventTime> time = event.time();
    if (time.isEmpty()) {
      return Optional.of("an unreadable timestamp");
    }
    Instant now = clock.instant();
    Instant stamped = time.get().instant();
    if (stamped.isBefore(now.minus(retention))) {
      return Optional.of("older than the retention horizon");
    }
    if (stamped.isAfter(now.plus(time.get().approximate() ? AHEAD_APPROXIMATE : AHEAD))) {
      return Optional.of("a timestamp in the future");
    }
    return Optional.empty();
  }

  /**
   * Steps 7 and 8. {@code done} is called on the writer's thread after the commit.
   *
   * @param late whether it is an old event that we asked for, not one that is spreading
   */
  public void store(
      SignedEvent event, boolean bare, PeerId deliverer, boolean late, Consumer<Verdict> done)
      throws InterruptedException {
    store.add(
        new EventStore.Arrival(event, bare, deliverer, late),
        outcome ->
            done.accept(
                switch (outcome) {
                  case EventStore.Outcome.Stored stored -> new Verdict.Accepted(stored.event());
                  case EventStore.Outcome.Duplicate ignored -> new Verdict.Duplicate();
                  case EventStore.Outcome.Ignored(String reason, Aside what) ->
                      new Verdict.Ignored(reason, what);
                  case EventStore.Outcome.Failed failed ->
                      new Verdict.Ignored("not stored: " + failed.reason(), Aside.MOMENT);
                }));
  }
}
