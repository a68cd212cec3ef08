package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.Reconciled.Result;
import io.cyphermesh.core.protocol.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One reconciliation over one link: a digest; if it differs, rounds of a {@link Comparison}; and
 * what was found to be lacking, both ways.
 */
final class Session {
  private static final long SECOND = 1_000_000_000L;

  /** How long a message or an event that is due may take. */
  private static final long PATIENCE = 30 * SECOND;

  /** How long the peer may take before it asks for what it was offered. */
  private static final long LEISURE = 120 * SECOND;

  private static final long LIFETIME = 900 * SECOND;

  /** Nobody else is kept waiting for a peer that serves less than this, a second. */
  private static final int SLOW = 10;

  /** Events that come without having been asked for: so many may be left of a former session. */
  private static final int MAX_STRAY = 2 * Offers.MAX_WANTED;

  /** What a few events may be missing for: they were deleted, or are not for us. */
  private static final int FEW_MISSING = 16;

  /**
   * What a session works with.
   *
   * @param mayWant whether a session may ask for events at a time, since no other one does
   */
  record Surroundings(
      EventSet set,
      Ignored ignored,
      ReconciliationSettings settings,
      List<Output> outputs,
      MayWant mayWant,
      Consumer<Reconciled> ended) {}

  /** Whether a session may ask for events. */
  @FunctionalInterface
  interface MayWant {
    boolean test(long now, Session session);
  }

  private enum Phase {
    /** We sent a digest. */
    ASKED,
    /** We said that theirs differs. */
    GREETED,
    /** Ranges are open, and it is the peer's turn. */
    COMPARING,
    /** All ranges are settled. */
    COMPARED,
    ENDED
  }

  private final LinkId link;
  private final Span span;
  private final byte[] digest;
  private final boolean initiated;
  private final int digests;
  private final long began;
  private final Surroundings around;
  private final Offers offers = new Offers();
  private final Wants wants = new Wants();

  private Phase phase;
  private @Nullable Comparison comparison;
  private long nonce;
  private long saidNewest;
  private int tag;

  /** Of the round that is awaited. */
  private int number;

  private int rounds;
  private long bytes;
  private long heard;
  private long progressed;
  private long fetchingSince;
  private long fetched;
  private int stray;
  private boolean doneSent;
  private boolean doneHeard;
  private boolean deferred;

  /**
   * A session that sent a digest.
   *
   * @param digests how many were sent, both ways, until a span was found that suits both
   */
  Session(
      LinkId link,
      Span span,
      byte[] digest,
      boolean initiated,
      int digests,
      long now,
      Surroundings around) {
    this.link = link;
    this.span = span;
    this.digest = digest;
    this.initiated = initiated;
    this.digests = digests;
    this.began = now;
    this.heard = now;
    this.progressed = now;
    this.around = around;
    this.phase = Phase.ASKED;
  }

  Span span() {
    return span;
  }

  byte[] digest() {
    return digest;
  }

  boolean initiated() {
    return initiated;
  }

  int digests() {
    return digests;
  }

  /** Whether the digest that we sent is not answered. */
  boolean unanswered() {
    return phase == Phase.ASKED;
  }

  boolean over() {
    return phase == Phase.ENDED;
  }

  /** Whether events are on their way to us. */
  boolean waits() {
    return wants.waiting();
  }

  /** Whether events have been on their way for long, and hardly any came. */
  boolean isSlow(long now) {
    long since = now - fetchingSince;
    return waits() && since > PATIENCE && fetched < SLOW * (since / SECOND);
  }

  /** Whether this session gets events, or will when it may. */
  boolean catchesUp() {
    return phase != Phase.ENDED && !wants.finished();
  }

  /**
   * Answers the peer's digest, which differs.
   *
   * @param commonMillis a time until which we had what others have
   */
  void greet(long now, long freshNonce, long commonMillis) {
    heard = now;
    nonce = freshNonce;
    phase = Phase.GREETED;
    saidNewest = back(newest());
    sendRanges(Ranges.hello(new Ranges.Hello(echo(digest), nonce, saidNewest, back(commonMillis))));
  }

  /** Takes a message of the comparison. */
  void heard(long now, byte[] ranges, RandomGenerator random, long commonMillis) {
    Optional<Ranges.Blob> decoded = Ranges.decode(ranges);
    if (decoded.isEmpty()) {
      lied("malformed reconciliation");
      return;
    }
    bytes += ranges.length;
    rounds++;
    // What does not fit is left of a former session, and of no meaning.
    switch (decoded.get()) {
      case Ranges.Hello hello -> {
        if (phase == Phase.ASKED && hello.echo() == echo(digest)) {
          heardHello(now, hello, random.nextLong(), commonMillis);
        }
      }
      case Ranges.Round round -> {
        if (round.first() && phase == Phase.GREETED) {
          Comparison begun = begin(now, round.nonce(), nonce);
          if (round.tag() == tag) {
            phase = Phase.COMPARING;
            comparison = begun;
            number = 1;
            begun.saidHello(span.range(), span.back(saidNewest));
          }
        }
        if (phase == Phase.COMPARING && round.tag() == tag && round.number() == number) {
          heardRound(now, round);
        }
      }
      case Ranges.Done(int doneTag) -> {
        if (phase == Phase.COMPARED && doneTag == tag) {
          doneHeard = true;
          advance(now);
        }
      }
      case Ranges.Stop _ -> end(Result.DECLINED, "the peer has no place for it");
    }
  }

  private void heardHello(long now, Ranges.Hello hello, long fresh, long commonMillis) {
    if (hello.newest() > span.millis() || hello.common() > span.millis()) {
      lied("events before the span");
      return;
    }
    heard = now;
    nonce = fresh;
    Comparison begun = begin(now, nonce, hello.nonce());
    comparison = begun;
    phase = Phase.COMPARING;
    begun.heardHello(
        span.range(),
        span.back(hello.newest()),
        LongStream.of(hello.common(), back(commonMillis), back(newest()))
            .mapToObj(span::back)
            .sorted()
            .toList());
    answer(now, begun, Ranges.Writer.first(nonce, tag, 1), 1);
  }

  private void heardRound(long now, Ranges.Round round) {
    Comparison running = comparing();
    heard = now;
    if (!running.take(round)) {
      lied("answers that are none");
    } else if (rounds > around.settings.rounds() || bytes > around.settings.bytes()) {
      end(Result.UNFINISHED, "it took too long");
    } else if (running.asked()) {
      answer(now, running, Ranges.Writer.next(tag, round.number() + 1), round.number() + 1);
    } else {
      phase = Phase.COMPARED;
      advance(now);
    }
  }

  private void answer(long now, Comparison running, Ranges.Writer out, int answersNumber) {
    running.answer(out);
    sendRanges(out.bytes());
    number = answersNumber + 1;
    phase = running.awaits() ? Phase.COMPARING : Phase.COMPARED;
    advance(now);
  }

  /** Salts the comparison by both sides' nonces, so that neither side can choose what clashes. */
  private Comparison begin(long now, long askers, long greeters) {
    byte[] a = new byte[Long.BYTES];
    byte[] b = new byte[Long.BYTES];
    Bytes.put(a, 0, askers);
    Bytes.put(b, 0, greeters);
    byte[] key = around.set.sha256(a, b);
    SipHash hash =
        new SipHash(
            Long.reverseBytes(Bytes.get(key, 0)), Long.reverseBytes(Bytes.get(key, Long.BYTES)));
    tag = (int) Bytes.get(key, 16, 2);
    return new Comparison(
        around.set, hash, around.settings, offers, wants, around.ignored.shorts(now, hash));
  }

  private Comparison comparing() {
    return Objects.requireNonNull(comparison, "nothing is compared yet");
  }

  /** Delivers what the peer asks for. */
  void wanted(long now, Message.WantOffered want) {
    if (phase != Phase.COMPARING && phase != Phase.COMPARED) {
      return;
    }
    heard = now;
    Optional<List<Message.Announced>> events = offers.wanted(want);
    if (events.isEmpty()) {
      lied("wants what was not offered");
    } else {
      around.outputs.add(new Output.Deliver(link, events.get(), true));
    }
  }

  /** An event came over this session's link. */
  void arrived(long now, long[] item) {
    if (comparison == null || phase == Phase.ENDED) {
      return;
    }
    if (wants.arrived(comparison.shortId(item, 0))) {
      heard = now;
      progressed = now;
      fetched++;
      advance(now);
    } else if (++stray > MAX_STRAY) {
      lied("events that nobody asked for");
    }
  }

  /** An event is stored or refused, wherever it came from. */
  void settled(long now, long[] item, boolean stored) {
    if (comparison != null && catchesUp()) {
      wants.settled(comparison.shortId(item, 0), stored);
      advance(now);
    }
  }

  /** Does what is due. */
  void tick(long now) {
    if (phase == Phase.ENDED || now < deadline()) {
      return;
    }
    if (now >= began + LIFETIME) {
      end(Result.UNFINISHED, "it took too long");
    } else if (wants.waiting() && now >= progressed + PATIENCE) {
      if (wants.giveUpWaiting()) {
        progressed = now;
        advance(now);
      } else {
        end(Result.BROKEN_PROMISE, "offered events did not come");
      }
    } else {
      end(Result.UNFINISHED, "no answer");
    }
  }

  /** When {@link #tick} is due. */
  long deadline() {
    long due = began + LIFETIME;
    if (wants.waiting()) {
      due = Math.min(due, progressed + PATIENCE);
    }
    if (phase != Phase.COMPARED) {
      due = Math.min(due, heard + PATIENCE);
    } else if (!wants.waiting()) {
      due = Math.min(due, heard + LEISURE);
    }
    return due;
  }

  /** Asks for what may be asked for, and ends what is at its end. */
  private void advance(long now) {
    if (!wants.finished() && around.mayWant.test(now, this)) {
      if (!wants.waiting()) {
        fetchingSince = now;
        progressed = now;
        fetched = 0;
      }
      for (Optional<Message.WantOffered> want = wants.next();
          want.isPresent();
          want = wants.next()) {
        send(want.get());
      }
    } else if (phase == Phase.COMPARED && !wants.waiting() && wants.giveUpOffers() > 0) {
      deferred = true;
    }
    if (phase != Phase.COMPARED) {
      return;
    }
    if (wants.finished() && !doneSent) {
      doneSent = true;
      sendRanges(Ranges.done(tag));
    }
    if (doneSent && doneHeard) {
      if (wants.missing() > Math.max(FEW_MISSING, wants.asked() / 4)) {
        end(Result.BROKEN_PROMISE, "offered events did not come");
      } else {
        end(Result.COMPLETED, "");
      }
    }
  }

  private void lied(String why) {
    end(Result.LIED, why);
  }

  /** Ends it, and tells the peer unless it knows. */
  void end(Result result, String why) {
    if (phase == Phase.ENDED) {
      return;
    }
    boolean tell =
        phase != Phase.ASKED
            && (result == Result.LIED
                || result == Result.UNFINISHED
                || result == Result.BROKEN_PROMISE);
    phase = Phase.ENDED;
    if (tell) {
      send(new Message.Reconcile(Ranges.stop()));
    }
    around.ended.accept(
        new Reconciled(
            link,
            initiated,
            result,
            why,
            span.toMillis(),
            wants.received(),
            wants.refused(),
            wants.missing(),
            wants.unwanted(),
            offers.askedFor(),
            rounds,
            bytes,
            deferred || (comparison != null && comparison.partial())));
  }

  private static int echo(byte[] digest) {
    return (int) Bytes.get(digest, 0, 4);
  }

  /** The time of the newest event before the span's end. */
  private long newest() {
    long rank = around.set.rank(span.range().to());
    return rank == 0 ? Long.MIN_VALUE : around.set.items(rank - 1, 1)[0];
  }

  /** How far before the span's end the place behind all events of a time is. */
  private long back(long millis) {
    return Math.clamp(
        millis == Long.MIN_VALUE ? Long.MAX_VALUE : span.toMillis() - millis - 1, 0, span.millis());
  }

  private void sendRanges(byte[] ranges) {
    rounds++;
    bytes += ranges.length;
    send(new Message.Reconcile(ranges));
  }

  private void send(Message message) {
    around.outputs.add(new Output.Send(List.of(link), message));
  }
}
