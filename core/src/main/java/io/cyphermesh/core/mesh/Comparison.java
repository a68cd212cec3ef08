package io.cyphermesh.core.mesh;

import io.cyphermesh.core.mesh.EventSet.Bound;
import io.cyphermesh.core.mesh.Ranges.Answer;
import io.cyphermesh.core.mesh.Ranges.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One session's comparison of two sets, range by range (A. Meyer, <em>Range-Based Set
 * Reconciliation</em>, 2022).
 *
 * <p>Both sides know which ranges are open, so that a message names no range but those that it
 * makes. Where few ranges differ, most of them differ in one event: there the difference of two
 * sums is that event's id, and whoever has it finds it.
 */
final class Comparison {
  /** Most ranges of a session, both ways: each costs some 10 µs. */
  static final int MAX_RANGES = 131_072;

  /** Most events of a range that are added up or listed. */
  private static final int MAX_SUMMED = 4_096;

  /** Most events of a session that are hashed for that, about 50 ms. */
  private static final long MAX_HASHED = 2_000_000;

  /** What we said last of a range that is open. */
  private enum Said {
    FINGERPRINT,
    SUMS,
    SUMS_AGAIN,
    LIST
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Open(Range range, Said said, long[] listed) {
    private static final long[] NOTHING = {};

    int listedCount() {
      return said == Said.LIST ? listed.length / EventSet.WORDS : -1;
    }
  }

  /** What the peer said of a range, to be answered. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Question(Range range, Said said, long number, long count, long[] ids) {}

  private final EventSet set;
  private final SipHash hash;
  private final ReconciliationSettings settings;
  private final Offers offers;
  private final Wants wants;
  private final long[] ignored;
  private final Sum from = new Sum();
  private final Sum to = new Sum();
  private final Sum within = new Sum();
  private final long nothing;

  private List<Open> open = new ArrayList<>();
  private List<Question> questions = new ArrayList<>();
  private List<Bound> hints = List.of();
  private int ranges;
  private long hashed;
  private boolean partial;

  /**
   * A comparison in which nothing is open yet.
   *
   * @param ignored short ids of what is not wanted, sorted
   */
  Comparison(
      EventSet set,
      SipHash hash,
      ReconciliationSettings settings,
      Offers offers,
      Wants wants,
      long[] ignored) {
    this.set = set;
    this.hash = hash;
    this.settings = settings;
    this.offers = offers;
    this.wants = wants;
    this.ignored = ignored;
    this.nothing = fingerprint(new Sum());
  }

  /** Whether something was left for another session, by us or the peer. */
  boolean partial() {
    return partial;
  }

  /** Whether the peer has something to answer. */
  boolean awaits() {
    return !open.isEmpty();
  }

  /** Whether we have. */
  boolean asked() {
    return !questions.isEmpty();
  }

  long shortId(long[] items, int at) {
    return hash.hash(items, at + 1, 4) & Ranges.SHORT_MASK;
  }

  /**
   * The responder's digest differed, and it has nothing from {@code end} on.
   *
   * @param hints places where the sets may begin to differ, ascending
   */
  void heardHello(Range span, Bound end, List<Bound> hints) {
    this.hints = hints;
    if (end.compareTo(span.from()) > 0) {
      // A fingerprint that none equals.
      questions.add(
          new Question(new Range(span.from(), end), Said.FINGERPRINT, -1, 0, Open.NOTHING));
    }
    if (end.compareTo(span.to()) < 0) {
      questions.add(new Question(new Range(end, span.to()), Said.LIST, 0, 0, Open.NOTHING));
    }
  }

  /** We said that our digest differs, and that we have nothing from {@code end} on. */
  void saidHello(Range span, Bound end) {
    if (end.compareTo(span.from()) > 0) {
      open.add(new Open(new Range(span.from(), end), Said.FINGERPRINT, Open.NOTHING));
    }
    if (end.compareTo(span.to()) < 0) {
      open.add(new Open(new Range(end, span.to()), Said.LIST, Open.NOTHING));
    }
  }

  /** Takes the peer's answers; false if they are none that may be given. */
  boolean take(Ranges.Round round) {
    int[] listed = open.stream().mapToInt(Open::listedCount).toArray();
    Optional<List<Answer>> answers =
        Ranges.answers(round, open.stream().map(Open::range).toList(), listed);
    if (answers.isEmpty()) {
      return false;
    }
    List<Open> answered = open;
    open = new ArrayList<>();
    for (int i = 0; i < answered.size(); i++) {
      if (!take(answered.get(i), answers.get().get(i))) {
        return false;
      }
    }
    ranges += questions.size();
    return ranges <= 2 * MAX_RANGES;
  }

  private boolean take(Open asked, Answer answer) {
    Range range = asked.range;
    switch (answer) {
      case Ranges.Same _ -> {}
      case Ranges.Leave _ -> partial = true;
      case Ranges.Split(List<Range> parts, long[] fingerprints) -> {
        for (int i = 0; i < fingerprints.length; i++) {
          questions.add(
              new Question(parts.get(i), Said.FINGERPRINT, fingerprints[i], 0, Open.NOTHING));
        }
      }
      case Ranges.Sums(long count, long sum) -> {
        if (asked.said == Said.SUMS_AGAIN) {
          return false;
        }
        Said said = asked.said == Said.SUMS ? Said.SUMS_AGAIN : Said.SUMS;
        questions.add(new Question(range, said, sum, count, Open.NOTHING));
      }
      case Ranges.Listed(long[] ids) ->
          questions.add(new Question(range, Said.LIST, 0, ids.length, ids));
      case Ranges.Offer(long[] ids) -> {
        return want(range, ids);
      }
      case Ranges.Lack(byte[] lacked, long[] ids) -> {
        for (int i = 0; i < asked.listedCount(); i++) {
          if ((lacked[i / 8] >> (i % 8) & 1) != 0) {
            if (offers.room() == 0) {
              return false;
            }
            offers.add(asked.listed, EventSet.WORDS * i);
          }
        }
        return want(range, ids);
      }
    }
    return true;
  }

  /** Takes offers of a range, part of which may have come by other ways in the meantime. */
  private boolean want(Range range, long[] ids) {
    if (ids.length > wants.room()) {
      return false;
    }
    long rank = set.rank(range.from());
    long count = set.rank(range.to()) - rank;
    long[] present = {};
    if (ids.length > 0 && mayHash(count)) {
      present = shorts(set.items(rank, (int) count));
      Arrays.sort(present);
    }
    for (long id : ids) {
      wants.add(id, Arrays.binarySearch(ignored, id) >= 0, Arrays.binarySearch(present, id) >= 0);
    }
    return true;
  }

  /** Answers what the peer said. */
  void answer(Ranges.Writer out) {
    List<Question> asked = questions;
    questions = new ArrayList<>();
    long[] counts = new long[asked.size()];
    long[] ranks = new long[asked.size()];
    boolean[] same = new boolean[asked.size()];
    int compared = 0;
    int different = 0;
    Bound reached = new Bound(Long.MIN_VALUE, 0);
    for (int i = 0; i < asked.size(); i++) {
      Question question = asked.get(i);
      if (question.said != Said.FINGERPRINT) {
        ranks[i] = set.rank(question.range.from());
        counts[i] = set.rank(question.range.to()) - ranks[i];
        continue;
      }
      if (question.range.from().equals(reached)) {
        from.set(to);
      } else {
        set.before(question.range.from(), from);
      }
      reached = question.range.to();
      set.before(reached, to);
      within.set(to);
      within.subtract(from);
      ranks[i] = from.count();
      counts[i] = within.count();
      same[i] = fingerprint(within) == question.number;
      compared++;
      different += same[i] ? 0 : 1;
    }
    boolean sparse = 5 * different <= 3 * compared;
    for (int i = 0; i < asked.size(); i++) {
      Question question = asked.get(i);
      if (same[i]) {
        out.same();
      } else if (out.size() > Ranges.MAX_BYTES - 16 * 1024
          || open.size() > Ranges.MAX_OPEN - Ranges.MAX_SPLIT
          || ranges + open.size() > MAX_RANGES) {
        leave(out);
      } else {
        answer(out, question, ranks[i], counts[i], sparse);
      }
    }
    ranges += open.size();
    hints = List.of();
  }

  private void answer(Ranges.Writer out, Question question, long rank, long count, boolean sparse) {
    switch (question.said) {
      case FINGERPRINT -> {
        if (question.number == nothing) {
          offerAll(out, rank, count);
        } else if (sparse && count > 0 && mayHash(count)) {
          out.sums(count, add(set.items(rank, (int) count)));
          open.add(new Open(question.range, Said.SUMS, Open.NOTHING));
        } else {
          divide(out, question.range, rank, count);
        }
      }
      case SUMS, SUMS_AGAIN -> answerSums(out, question, rank, count);
      case LIST -> answerList(out, question, rank, count);
    }
  }

  private void answerSums(Ranges.Writer out, Question question, long rank, long count) {
    if (question.count == 0) {
      offerAll(out, rank, count);
      return;
    }
    if (Math.abs(count - question.count) <= 1 && mayHash(count)) {
      long[] items = set.items(rank, (int) count);
      long sum = add(items);
      if (count == question.count && sum == question.number) {
        out.same();
        return;
      }
      if (count > question.count) {
        for (int at = 0; at < items.length && offers.room() > 0; at += EventSet.WORDS) {
          if (hash.hash(items, at + 1, 4) == sum - question.number) {
            offers.add(items, at);
            out.offer(new long[] {shortId(items, at)});
            return;
          }
        }
      }
      if (count < question.count && question.said == Said.SUMS) {
        out.sums(count, sum);
        open.add(new Open(question.range, Said.SUMS_AGAIN, Open.NOTHING));
        return;
      }
    }
    divide(out, question.range, rank, count);
  }

  private void answerList(Ranges.Writer out, Question question, long rank, long count) {
    long[] theirs = question.ids.clone();
    Arrays.sort(theirs);
    int most = (int) Math.min(count, (long) offers.room() + theirs.length);
    // An id takes 6 bytes.
    int fit = (Ranges.MAX_BYTES - out.size() - 1024) / Ranges.SHORT;
    long[] items = set.items(rank, Math.min(most, fit));
    long[] ours = shorts(items);
    partial |= ours.length < count;
    long[] lackedHere = new long[ours.length];
    int offered = 0;
    for (int i = 0; i < ours.length; i++) {
      if (Arrays.binarySearch(theirs, ours[i]) < 0) {
        if (offers.room() > 0) {
          offers.add(items, EventSet.WORDS * i);
          lackedHere[offered++] = ours[i];
        } else {
          partial = true;
        }
      }
    }
    Arrays.sort(ours);
    byte[] lacked = new byte[(theirs.length + 7) / 8];
    for (int i = 0; i < theirs.length; i++) {
      long id = question.ids[i];
      boolean unwanted = Arrays.binarySearch(ignored, id) >= 0;
      if (Arrays.binarySearch(ours, id) < 0 && ours.length == count) {
        if (unwanted) {
          wants.skip();
        } else if (wants.room() == 0) {
          partial = true;
        } else {
          wants.add(id, false, false);
          lacked[i / 8] |= (byte) (1 << (i % 8));
        }
      }
    }
    if (offered == 0 && Arrays.equals(lacked, new byte[lacked.length])) {
      out.same();
    } else {
      out.lack(lacked, Arrays.copyOf(lackedHere, offered));
    }
  }

  private void offerAll(Ranges.Writer out, long rank, long count) {
    int fit = (Ranges.MAX_BYTES - out.size() - 1024) / Ranges.SHORT;
    int most = (int) Math.min(count, Math.min(offers.room(), fit));
    long[] items = set.items(rank, most);
    for (int i = 0; i < most; i++) {
      offers.add(items, EventSet.WORDS * i);
    }
    partial |= most < count;
    out.offer(shorts(items));
  }

  private void leave(Ranges.Writer out) {
    partial = true;
    out.leave();
  }

  /** Lists a range, or splits it. */
  private void divide(Ranges.Writer out, Range range, long rank, long count) {
    if (count < settings.list()) {
      list(out, range, rank, count);
      return;
    }
    Splitting cuts = Splitting.of(set, range, rank, count, parts(count), hints);
    if (cuts.bounds().isEmpty()) {
      // All at the same millisecond, and the same in 8 bytes of their ids.
      list(out, range, rank, count);
      return;
    }
    long[] fingerprints = new long[cuts.bounds().size() + 1];
    Bound start = range.from();
    set.before(start, from);
    for (int i = 0; i < fingerprints.length; i++) {
      Bound end = i < cuts.bounds().size() ? cuts.bounds().get(i) : range.to();
      set.before(end, to);
      within.set(to);
      within.subtract(from);
      fingerprints[i] = fingerprint(within);
      open.add(new Open(new Range(start, end), Said.FINGERPRINT, Open.NOTHING));
      from.set(to);
      start = end;
    }
    out.split(range.from(), cuts.bounds(), cuts.shift(), fingerprints);
  }

  /** As many as settings say, but so that parts are about three quarters of what is listed. */
  private int parts(long count) {
    long small = 4 * count / (3L * settings.list());
    return (int) Math.max(2, Math.min(Math.min(settings.split(), Ranges.MAX_SPLIT / 2), small));
  }

  private void list(Ranges.Writer out, Range range, long rank, long count) {
    if (count > 0 && !mayHash(count)) {
      leave(out);
      return;
    }
    long[] items = set.items(rank, (int) count);
    long[] ids = shorts(items);
    long[] sorted = ids.clone();
    Arrays.sort(sorted);
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] == sorted[i - 1]) {
        leave(out); // The next session has other nonces, and these two other short ids.
        return;
      }
    }
    out.list(ids);
    open.add(new Open(range, Said.LIST, items));
  }

  private boolean mayHash(long count) {
    if (count > MAX_SUMMED || hashed + count > MAX_HASHED) {
      return false;
    }
    hashed += count;
    return true;
  }

  private long[] shorts(long[] items) {
    long[] shorts = new long[items.length / EventSet.WORDS];
    for (int i = 0; i < shorts.length; i++) {
      shorts[i] = shortId(items, EventSet.WORDS * i);
    }
    return shorts;
  }

  private long add(long[] items) {
    long sum = 0;
    for (int at = 0; at < items.length; at += EventSet.WORDS) {
      sum += hash.hash(items, at + 1, 4);
    }
    return sum;
  }

  private long fingerprint(Sum sum) {
    return hash.hash(sum.wordsAndCount(), 0, Sum.WORDS + 1) & Ranges.SHORT_MASK;
  }
}
