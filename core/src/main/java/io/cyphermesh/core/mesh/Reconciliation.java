package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.mesh.Reconciled.Result;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a node catches up: the set of what it has, and its reconciliations with peers, one a link at
 * most. Driven by {@link Mesh}, on whose thread all of it runs.
 *
 * <p>Times are those of {@link Mesh#step}; wall clocks are milliseconds since 1970.
 */
final class Reconciliation {
  private static final int FINGERPRINT = 16;

  /** So long at a time sessions want nothing while announced events are asked for. */
  private static final long YIELDED_NANOS = Duration.ofMinutes(2).toNanos();

  /** Digests of one session until both sides agree on a span. */
  private static final int MAX_DIGESTS = 4;

  /** A peer from whose last session nothing came waits so long for the next one. */
  private static final long FRUITLESS_NANOS = 10_000_000_000L;

  private final ReconciliationSettings settings;
  private final BooleanSupplier pulling;
  private final RandomGenerator random;
  private final List<Output> outputs;
  private final Consumer<Reconciled> listener;
  private final EventSet set = new EventSet();
  private final Ignored ignored;
  private final Map<LinkId, Session> sessions = new TreeMap<>();

  /** Since when sessions leave what is announced to those who announced it. */
  private long yieldedFrom = Long.MIN_VALUE / 2;

  /** When a peer's digest that differs is looked at again. */
  private final Map<LinkId, Long> patience = new TreeMap<>();

  private final List<Reconciled> ended = new ArrayList<>();
  private final Session.Surroundings around;
  private boolean complete;

  /** A time until which we had what others have. */
  private long commonMillis = Long.MIN_VALUE;

  /**
   * A node's reconciliations.
   *
   * @param outputs where messages and deliveries go
   * @param listener is told how each session ended, when the call that ended it is done
   */
  Reconciliation(
      ReconciliationSettings settings,
      RandomGenerator random,
      List<Output> outputs,
      Consumer<Reconciled> listener) {
    this(settings, random, outputs, listener, Ignored.lasting(), () -> false);
  }

  /**
   * A node's reconciliations.
   *
   * @param ignored what is not to be asked for; judged to be ignored events are added
   * @param pulling whether old events are asked for otherwise at this moment
   */
  Reconciliation(
      ReconciliationSettings settings,
      RandomGenerator random,
      List<Output> outputs,
      Consumer<Reconciled> listener,
      Ignored ignored,
      BooleanSupplier pulling) {
    this.ignored = ignored;
    this.pulling = pulling;
    this.settings = settings;
    this.random = random;
    this.outputs = outputs;
    this.listener = listener;
    this.around =
        new Session.Surroundings(set, ignored, settings, outputs, this::mayWant, ended::add);
  }

  /**
   * Two sessions that ask for events would ask for the same ones, and so would a session beside
   * what is asked for since it was announced.
   */
  private boolean mayWant(long now, Session session) {
    for (Session other : sessions.values()) {
      if (other != session && other.waits() && !other.isSlow(now)) {
        return false;
      }
    }
    return !yields(now);
  }

  /** Not all the time: whoever goes on announcing would keep us from everything else. */
  private boolean yields(long now) {
    if (!pulling.getAsBoolean()) {
      return false;
    }
    if (now >= yieldedFrom + 2 * YIELDED_NANOS) {
      yieldedFrom = now;
    }
    return now < yieldedFrom + YIELDED_NANOS;
  }

  /** Whether a session waits for events that it asked for. */
  boolean fetching() {
    return !sessions.isEmpty() && sessions.values().stream().anyMatch(Session::waits);
  }

  /** How many events the set has. */
  long size() {
    return set.size();
  }

  /** How many sessions there are. */
  int sessions() {
    return sessions.size();
  }

  /** Whether the set was loaded; nothing is compared before. */
  boolean ready() {
    return complete;
  }

  /** Events that were stored before this run; {@code last} if these are the last ones. */
  void loaded(List<Input.Item> items, boolean last) {
    for (Input.Item item : items) {
      set.add(item.timeMillis(), item.id());
      commonMillis = Math.max(commonMillis, item.timeMillis());
    }
    complete |= last;
  }

  /** An event is stored and belongs to the set, wherever it came from. */
  void stored(long now, long timeMillis, EventId id) {
    set.add(timeMillis, id);
    settled(now, id, true);
  }

  /** An event is stored but does not belong to the set. */
  void storedOutside(long now, EventId id) {
    settled(now, id, true);
  }

  /**
   * An event is not stored.
   *
   * @param link over which it came
   * @param claimed the id that it came with
   * @param key what it would be stored under; empty for none
   */
  void refused(long now, LinkId link, EventId claimed, Optional<EventId> key, Input.Refusal why) {
    Session own = sessions.get(link);
    if (own != null) {
      // Only what this peer offered: others' offers are not to be settled by a made-up id.
      own.settled(now, item(claimed), false);
      sweep(now);
    }
    if (why != Input.Refusal.REJECTED && key.isPresent()) {
      if (why == Input.Refusal.IGNORED) {
        ignored.add(now, key.get());
      }
      settled(now, key.get(), false);
    }
  }

  /** Events are stored no more. */
  void deleted(List<Input.Item> items) {
    for (Input.Item item : items) {
      set.remove(item.timeMillis(), item.id());
    }
  }

  /** Forgets events before a time, which are stored no more. */
  void trimBefore(long timeMillis) {
    set.trimBefore(timeMillis);
  }

  private void settled(long now, EventId id, boolean stored) {
    if (sessions.isEmpty()) {
      return;
    }
    long[] item = item(id);
    for (Session session : sessions.values()) {
      session.settled(now, item, stored);
    }
    sweep(now);
  }

  private static long[] item(EventId id) {
    long[] item = new long[EventSet.WORDS];
    EventSet.words(id, item, 1);
    return item;
  }

  /** Whether there is a session over a link. */
  boolean running(LinkId link) {
    return sessions.containsKey(link);
  }

  /** Whether events that come over a link by {@link Message.Events} are answers to a session. */
  boolean awaits(LinkId link) {
    Session session = sessions.get(link);
    return session != null && session.waits();
  }

  /** Begins a session; false if there is one, or no place, or nothing to compare yet. */
  boolean start(long now, long wallMillis, LinkId link) {
    Optional<Span> span = Span.at(wallMillis, settings);
    if (!complete || sessions.containsKey(link) || full() || span.isEmpty()) {
      return false;
    }
    ask(now, link, span.get(), true, 1);
    return true;
  }

  private boolean full() {
    return sessions.size() >= settings.sessions();
  }

  private void ask(long now, LinkId link, Span span, boolean initiated, int digests) {
    byte[] digest = digest(span);
    sessions.put(link, new Session(link, span, digest, initiated, digests, now, around));
    send(link, new Message.Digest(span.fromHour(), span.seconds(), digest));
  }

  private byte[] digest(Span span) {
    Sum before = new Sum();
    Sum within = new Sum();
    set.before(span.range().from(), before);
    set.before(span.range().to(), within);
    within.subtract(before);
    return set.fingerprint(within);
  }

  /** Takes a {@link Message.Digest}, {@link Message.Reconcile} or {@link Message.WantOffered}. */
  void received(long now, long wallMillis, LinkId link, Message message) {
    Session session = sessions.get(link);
    switch (message) {
      case Message.Digest digest -> received(now, wallMillis, link, digest, session);
      case Message.Reconcile reconcile -> {
        if (session != null) {
          session.heard(now, reconcile.ranges(), random, commonMillis);
        }
      }
      case Message.WantOffered want -> {
        if (session != null) {
          session.wanted(now, want);
        }
      }
      default -> {}
    }
    sweep(now);
  }

  private void received(
      long now, long wallMillis, LinkId link, Message.Digest digest, @Nullable Session session) {
    if (digest.fingerprint().length == 0) {
      if (session != null && session.unanswered()) {
        session.end(Result.EQUAL, "");
      }
      return;
    }
    Optional<Span> span = Span.of(digest);
    if (span.isEmpty() || digest.fingerprint().length != FINGERPRINT) {
      if (session != null) {
        session.end(Result.LIED, "malformed digest");
      } else {
        report(link, Result.LIED, "malformed digest", 0);
      }
      return;
    }
    if (session == null) {
      judge(now, wallMillis, link, span.get(), digest.fingerprint(), false, 1);
    } else if (!session.unanswered()) {
      session.end(Result.BEGUN_ANEW, "the peer began anew");
      sessions.remove(link);
      judge(now, wallMillis, link, span.get(), digest.fingerprint(), false, 1);
    } else if (yields(session, span.get(), digest.fingerprint())) {
      sessions.remove(link);
      answer(now, wallMillis, link, span.get(), digest.fingerprint(), session);
    }
  }

  /**
   * Whether our digest gives way to the peer's: it is the answer to ours, or both began at the same
   * time and theirs is the greater one. Both sides come to the same conclusion.
   */
  private static boolean yields(Session ours, Span theirs, byte[] fingerprint) {
    if (ours.span().equals(theirs)) {
      return Arrays.compareUnsigned(ours.digest(), fingerprint) <= 0;
    }
    if (ours.span().contains(theirs)) {
      return true;
    }
    if (theirs.contains(ours.span())) {
      return false;
    }
    return theirs.fromHour() > ours.span().fromHour();
  }

  private void answer(
      long now, long wallMillis, LinkId link, Span span, byte[] theirs, Session former) {
    judge(now, wallMillis, link, span, theirs, former.initiated(), former.digests() + 1);
    if (!sessions.containsKey(link)) {
      // It was equal, or there is nothing that both could compare.
      ended.removeIf(report -> report.link().equals(link));
      former.end(Arrays.equals(digest(span), theirs) ? Result.EQUAL : Result.DECLINED, "");
    }
  }

  private void judge(
      long now,
      long wallMillis,
      LinkId link,
      Span span,
      byte[] theirs,
      boolean initiated,
      int digests) {
    Optional<Span> common = Span.at(wallMillis, settings).flatMap(span::intersect);
    if (!complete || common.isEmpty() || digests > MAX_DIGESTS) {
      decline(link);
    } else if (!common.get().equals(span)) {
      if (hasNoPlace(now, link, initiated)) {
        decline(link);
      } else {
        ask(now, link, common.get(), initiated, digests + 1);
      }
    } else {
      byte[] ours = digest(span);
      if (Arrays.equals(ours, theirs)) {
        send(link, new Message.Digest(0, 0, new byte[0]));
        report(link, Result.EQUAL, "", span.toMillis());
      } else if (hasNoPlace(now, link, initiated)) {
        decline(link);
      } else {
        Session session = new Session(link, span, theirs, initiated, digests, now, around);
        sessions.put(link, session);
        session.greet(now, random.nextLong(), commonMillis);
      }
    }
  }

  /** Whether a session is to be declined; a peer that is to wait is so only with its own. */
  private boolean hasNoPlace(long now, LinkId link, boolean initiated) {
    return full() || (!initiated && waitsStill(now, link));
  }

  private boolean waitsStill(long now, LinkId link) {
    return patience.getOrDefault(link, now) > now;
  }

  private void decline(LinkId link) {
    send(link, new Message.Reconcile(Ranges.stop()));
  }

  private void send(LinkId link, Message message) {
    outputs.add(new Output.Send(List.of(link), message));
  }

  private void report(LinkId link, Result result, String why, long toMillis) {
    ended.add(new Reconciled(link, false, result, why, toMillis, 0, 0, 0, 0, 0, 0, 0, false));
  }

  /** An event came over a link by {@link Message.Events}. */
  void arrived(long now, LinkId link, EventId id) {
    Session session = sessions.get(link);
    if (session != null) {
      session.arrived(now, item(id));
      sweep(now);
    }
  }

  /** A link is gone. */
  void down(long now, LinkId link) {
    Session session = sessions.get(link);
    if (session != null) {
      session.end(Result.INTERRUPTED, "the link ended");
    }
    sweep(now);
    patience.remove(link);
  }

  /** Does what is due. */
  void tick(long now) {
    for (Session session : sessions.values()) {
      session.tick(now);
    }
    sweep(now);
  }

  /** When {@link #tick} is due; {@link Long#MAX_VALUE} if it is not. */
  long nextWake() {
    // Asked at each step, and hardly ever is there one.
    long least = Long.MAX_VALUE;
    if (!sessions.isEmpty()) {
      for (Session session : sessions.values()) {
        least = Math.min(least, session.deadline());
      }
    }
    return least;
  }

  private void sweep(long now) {
    if (!sessions.isEmpty()) {
      sessions.values().removeIf(Session::over);
    }
    if (ended.isEmpty()) {
      return;
    }
    List<Reconciled> reports = List.copyOf(ended);
    ended.clear();
    for (Reconciled report : reports) {
      if (report.complete()) {
        commonMillis = Math.max(commonMillis, report.toMillis() - 1);
      }
      if (report.received() + report.served() > 0) {
        patience.remove(report.link());
      } else if (report.result() != Result.EQUAL) {
        patience.put(report.link(), now + FRUITLESS_NANOS);
      }
      listener.accept(report);
    }
  }
}
