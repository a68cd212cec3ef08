package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.mesh.Reconciled.Result;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReconciliationTest {
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;

  private final SplittableRandom random = new SplittableRandom(42);
  private Pair pair = new Pair(1);

  /** Events of the last so many milliseconds. */
  private List<EventId> events(int count, long last) {
    List<EventId> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(Pair.id(Pair.WALL - 60_000 - random.nextLong(last), random));
    }
    return events;
  }

  private static List<EventId> join(List<EventId> some, List<EventId> others) {
    List<EventId> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }

  private void bothHave(int count) {
    assertThat(pair.a.node.size()).isEqualTo(count);
    assertThat(pair.b.node.size()).isEqualTo(count);
    pair.pass(Duration.ofSeconds(20));
    pair.reconcile();
    assertThat(pair.a.end().result()).isEqualTo(Result.EQUAL);
    assertThat(pair.b.end().result()).isEqualTo(Result.EQUAL);
  }

  private void results(Result ofA, Result ofB) {
    assertThat(pair.a.end().result()).as(pair.a.end().why()).isEqualTo(ofA);
    assertThat(pair.b.end().result()).as(pair.b.end().why()).isEqualTo(ofB);
    assertThat(pair.a.node.sessions()).isZero();
    assertThat(pair.b.node.sessions()).isZero();
  }

  private static Message.Reconcile ranges(int... bytes) {
    byte[] ranges = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ranges[i] = (byte) bytes[i];
    }
    return new Message.Reconcile(ranges);
  }

  // ---- what it is for

  @Test
  void whatEachSideLacksItHasAfterwards() {
    List<EventId> common = events(3_000, 20 * DAY);
    pair.a.load(join(common, events(40, 20 * DAY)));
    pair.b.load(join(common, events(50, 20 * DAY)));

    pair.reconcile();

    results(Result.COMPLETED, Result.COMPLETED);
    assertThat(pair.a.end().received()).isEqualTo(50);
    assertThat(pair.b.end().received()).isEqualTo(40);
    assertThat(pair.a.end().served()).isEqualTo(40);
    assertThat(pair.a.end().complete()).isTrue();
    bothHave(3_090);
  }

  /** The messages of such a comparison are the longest. */
  @Test
  void twoWhoHaveNothingInCommonComeToHaveAll() {
    pair.a.load(events(100_000, 20 * DAY));
    pair.b.load(events(100_000, 20 * DAY));

    for (int i = 0; i < 4 && pair.a.node.size() + pair.b.node.size() < 400_000; i++) {
      pair.reconcile();
    }

    bothHave(200_000);
  }

  @Test
  void whoHasNothingGetsAllSessionBySession() {
    pair.a.load(List.of());
    pair.b.load(events(150_000, 20 * DAY));

    pair.reconcile();
    assertThat(pair.a.node.size()).isEqualTo(Offers.MAX);
    assertThat(pair.b.end().more()).isTrue();
    pair.reconcile();
    pair.reconcile();

    bothHave(150_000);
  }

  @Test
  void whoHasNothingGetsAllIfTheOtherSideBegins() {
    pair.a.load(events(1_000, 20 * DAY));
    pair.b.load(List.of());

    pair.reconcile();

    assertThat(pair.b.end().received()).isEqualTo(1_000);
    bothHave(1_000);
  }

  @Test
  void aSingleEventIsFoundBySumsAlone() {
    List<EventId> common = events(3_000, 20 * DAY);
    pair.a.load(common);
    pair.b.load(join(common, events(1, 20 * DAY)));

    pair.reconcile();

    assertThat(pair.payloadBytes).isLessThan(600);
    bothHave(3_001);
  }

  @Test
  void eventsOfOneMillisecondAreToldApartByTheirIds() {
    List<EventId> common = events(5_000, 1);
    pair.a.load(join(common, events(30, 1)));
    pair.b.load(join(common, events(30, 1)));

    pair.reconcile();

    bothHave(5_060);
  }

  @Test
  void theLaterHorizonCounts() {
    ReconciliationSettings week =
        new ReconciliationSettings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofDays(7),
            16,
            32,
            4,
            64,
            64L << 20);
    for (boolean aForgets : new boolean[] {true, false}) {
      ReconciliationSettings days30 = ReconciliationSettings.DEFAULTS;
      pair = new Pair(aForgets ? week : days30, aForgets ? days30 : week, 2);
      List<EventId> old = events(500, DAY).stream().map(id -> older(id, 20 * DAY)).toList();
      List<EventId> recent = events(100, 5 * DAY);
      pair.a.load(aForgets ? recent.subList(0, 50) : join(old, recent));
      pair.b.load(aForgets ? join(old, recent) : recent.subList(0, 50));

      pair.reconcile();

      results(Result.COMPLETED, Result.COMPLETED);
      assertThat(pair.a.end().initiated()).isTrue();
      assertThat(pair.b.end().initiated()).isFalse();
      assertThat(Math.min(pair.a.node.size(), pair.b.node.size())).isEqualTo(100);
      assertThat(Math.max(pair.a.node.size(), pair.b.node.size())).isEqualTo(600);
      pair.pass(Duration.ofSeconds(20));
      pair.reconcile();
      results(Result.EQUAL, Result.EQUAL);
    }
  }

  private EventId older(EventId id, long by) {
    return Pair.id(Pair.time(id) - by, random);
  }

  @Test
  void theSlowerClockCounts() {
    for (long skew : new long[] {5 * 60_000, -5 * 60_000, 3 * HOUR, -3 * HOUR}) {
      pair = new Pair(3);
      pair.b.wall += skew;
      pair.a.load(events(300, 5 * DAY));
      pair.b.load(events(300, 5 * DAY));

      pair.reconcile();
      pair.pass(Duration.ofSeconds(20));
      pair.reconcile();

      results(Result.EQUAL, Result.EQUAL);
    }
  }

  @Test
  void clocksThatAreAMonthApartHaveNothingToCompare() {
    pair.b.wall += 40 * DAY;
    pair.a.load(events(10, DAY));
    pair.b.load(events(10, DAY));

    pair.reconcile();

    assertThat(pair.a.end().result()).isEqualTo(Result.DECLINED);
    assertThat(pair.a.node.sessions() + pair.b.node.sessions()).isZero();
  }

  @Test
  void whatIsNewerThanHalfAMinuteIsNotCompared() {
    pair.a.load(List.of(Pair.id(Pair.WALL - 20_000, random)));
    pair.b.load(List.of());

    pair.reconcile();

    results(Result.EQUAL, Result.EQUAL);
  }

  @Test
  void whoWasAwayForAnHourIsOfferedThatHourAtOnce() {
    List<EventId> common = events(20_000, 20 * DAY).stream().map(id -> older(id, HOUR)).toList();
    pair.a.load(common);
    pair.b.load(join(common, events(500, HOUR)));
    // Meanwhile some are new at both.
    pair.a.node.stored(0, Pair.WALL - 40_000, Pair.id(Pair.WALL - 40_000, new SplittableRandom(9)));
    pair.b.node.stored(0, Pair.WALL - 40_000, Pair.id(Pair.WALL - 40_000, new SplittableRandom(9)));

    pair.reconcile();

    assertThat(pair.tripsBeforeWant).isLessThanOrEqualTo(6);
    assertThat(pair.payloadBytes).isLessThan(6_000);
    bothHave(20_501);
  }

  @Test
  void randomDifferencesAreMadeUpForWhateverTheSeed() {
    for (long seed = 1; seed <= 30; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      int size = seed == 1 ? 100_000 : dice.nextInt(1, 10_000);
      long times = 1 + dice.nextLong(dice.nextBoolean() ? 100 : 20 * DAY);
      int ofA = dice.nextInt(1 << dice.nextInt(13));
      int ofB = dice.nextInt(1 << dice.nextInt(13));
      List<EventId> common = events(size, times);
      pair = new Pair(seed);
      pair.a.load(join(common, events(ofA, times)));
      pair.b.load(join(common, events(ofB, dice.nextBoolean() ? times : 20 * DAY)));

      pair.reconcile();

      assertThat(pair.a.end().complete()).as("seed %s", seed).isTrue();
      assertThat(pair.a.node.size()).as("seed %s", seed).isEqualTo(size + ofA + ofB);
      assertThat(pair.b.node.size()).as("seed %s", seed).isEqualTo(size + ofA + ofB);
      assertThat(pair.events).as("seed %s", seed).isEqualTo(ofA + ofB);
    }
  }

  // ---- beginnings and ends

  @Test
  void twoThatBeginAtTheSameTimeHaveOneSession() {
    List<EventId> common = events(500, DAY);
    pair.a.load(join(common, events(5, DAY)));
    pair.b.load(join(common, events(5, DAY)));
    pair.b.wall += 1_700;

    assertThat(pair.b.node.start(pair.now, pair.b.wall, Pair.LINK)).isTrue();
    pair.reconcile();

    assertThat(pair.a.ends).hasSize(1);
    assertThat(pair.b.ends).hasSize(1);
    results(Result.COMPLETED, Result.COMPLETED);
    assertThat(pair.a.node.size()).isEqualTo(510);
    assertThat(pair.b.node.size()).isEqualTo(510);
  }

  @Test
  void twoEqualOnesThatBeginAtTheSameTimeAreEqual() {
    pair.a.load(List.of());
    pair.b.load(List.of());

    pair.b.node.start(pair.now, pair.b.wall, Pair.LINK);
    pair.reconcile();

    results(Result.EQUAL, Result.EQUAL);
    assertThat(pair.a.ends).hasSize(1);
    assertThat(pair.b.ends).hasSize(1);
  }

  @Test
  void nothingIsComparedBeforeAllIsLoaded() {
    pair.a.load(events(10, DAY));
    pair.b.node.loaded(List.of(), false);

    assertThat(pair.b.node.start(0, Pair.WALL, Pair.LINK)).isFalse();
    pair.reconcile();

    assertThat(pair.a.end().result()).isEqualTo(Result.DECLINED);
    assertThat(pair.a.end().blame()).isFalse();
  }

  @Test
  void thereAreFourSessionsAtMostWhoeverBegins() {
    pair.a.load(events(10, DAY));
    pair.b.load(events(10, DAY));
    for (int link = 1; link <= 2; link++) {
      assertThat(pair.b.node.start(0, Pair.WALL, new LinkId(100 + link))).isTrue();
      pair.b.node.received(
          0, Pair.WALL, new LinkId(200 + link), new Message.Digest(498_700, 3_600, new byte[16]));
    }
    pair.b.outputs.clear();
    assertThat(pair.b.node.sessions()).isEqualTo(4);
    assertThat(pair.b.node.start(0, Pair.WALL, new LinkId(105))).isFalse();

    pair.reconcile();

    assertThat(pair.a.end().result()).isEqualTo(Result.DECLINED);
    assertThat(pair.b.node.sessions()).isEqualTo(4);
  }

  @Test
  void aSessionEndsWithItsLink() {
    pair.a.load(events(10, DAY));
    pair.a.node.start(0, Pair.WALL, Pair.LINK);

    pair.a.node.down(0, Pair.LINK);

    assertThat(pair.a.end().result()).isEqualTo(Result.INTERRUPTED);
    assertThat(pair.a.node.nextWake()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aPeerThatBeginsAnewIsAnswered() {
    pair.a.load(events(10, DAY));
    pair.b.load(events(10, DAY));
    pair.wire = message -> message instanceof Message.Reconcile ? null : message;
    pair.reconcile();
    pair.a.node.down(0, Pair.LINK);
    pair.wire = message -> message;

    pair.reconcile();

    assertThat(pair.b.ends.getFirst().result()).isEqualTo(Result.BEGUN_ANEW);
    results(Result.COMPLETED, Result.COMPLETED);
  }

  @Test
  void aSilentPeerIsGivenUp() {
    pair.a.load(events(10, DAY));
    pair.b.load(events(10, DAY));
    pair.wire = message -> message instanceof Message.Reconcile ? null : message;
    pair.reconcile();
    assertThat(pair.a.node.nextWake()).isEqualTo(Duration.ofSeconds(30).toNanos());

    pair.pass(Duration.ofSeconds(31));

    results(Result.UNFINISHED, Result.UNFINISHED);
  }

  // ---- what is wanted

  @Test
  void whatWasIgnoredIsNotWantedAgainForAnHour() {
    List<EventId> lacked = events(300, DAY);
    pair.a.load(List.of());
    pair.b.load(lacked);
    Set<EventId> ignored = new HashSet<>(lacked.subList(0, 200));
    pair.a.ignores = ignored::contains;
    pair.reconcile();
    assertThat(pair.a.end().refused()).isEqualTo(200);
    assertThat(pair.events).isEqualTo(300);

    pair.pass(Duration.ofSeconds(60));
    pair.reconcile();
    assertThat(pair.events).isEqualTo(300);
    assertThat(pair.a.end().unwanted()).isEqualTo(200);
    results(Result.COMPLETED, Result.COMPLETED);

    pair.pass(Duration.ofHours(2));
    pair.a.ignores = id -> false;
    pair.reconcile();
    assertThat(pair.a.node.size()).isEqualTo(300);
  }

  @Test
  void whatCameByOtherWaysIsNotWanted() {
    List<EventId> lacked = events(1_000, DAY);
    pair.a.load(List.of());
    pair.b.load(lacked);
    pair.wire =
        message -> {
          if (message instanceof Message.WantOffered(long first, byte[] _) && first == 256) {
            // Asked for already: the first 512.
            lacked.stream()
                .sorted(java.util.Comparator.comparingLong(Pair::time))
                .skip(512)
                .forEach(id -> pair.a.node.stored(pair.now, Pair.time(id), id));
          }
          return message;
        };

    pair.reconcile();

    assertThat(pair.events).isEqualTo(512);
    results(Result.COMPLETED, Result.COMPLETED);
    bothHave(1_000);
  }

  @Test
  void twoWantsAreOutstandingAtMost() {
    pair.a.load(List.of());
    pair.b.load(events(1_000, DAY));
    int[] wants = {0};
    pair.wire =
        message -> {
          wants[0] += message instanceof Message.WantOffered ? 1 : 0;
          return message instanceof Message.WantOffered ? null : message;
        };

    pair.reconcile();

    assertThat(wants[0]).isEqualTo(2);
    assertThat(pair.a.node.awaits(Pair.LINK)).isTrue();
  }

  @Test
  void twoPeersAreNotAskedForTheSame() {
    List<EventId> lacked = events(100, DAY);
    pair.a.load(List.of());
    pair.b.load(lacked);
    Pair other = new Pair(9);
    other.b.load(lacked);
    pair.wire = message -> message instanceof Message.WantOffered ? null : message;
    pair.reconcile();
    LinkId second = new LinkId(8);

    // The second session is a's over another link, with another b.
    pair.a.node.start(0, Pair.WALL, second);
    List<Message> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      for (Output output : List.copyOf(pair.a.outputs)) {
        if (output instanceof Output.Send(List<LinkId> _, Message message)) {
          sent.add(message);
          other.b.node.received(0, Pair.WALL, second, message);
        }
      }
      pair.a.outputs.clear();
      for (Output output : List.copyOf(other.b.outputs)) {
        if (output instanceof Output.Send(List<LinkId> _, Message message)) {
          pair.a.node.received(0, Pair.WALL, second, message);
        }
      }
      other.b.outputs.clear();
    }

    assertThat(sent).noneMatch(message -> message instanceof Message.WantOffered);
    assertThat(pair.a.end().more()).isTrue();
    assertThat(pair.a.end().result()).isEqualTo(Result.COMPLETED);
  }

  @Test
  void aFewEventsThatAreNotThereAnyMoreAreNobodysFault() {
    List<EventId> lacked = events(600, DAY);
    pair.a.load(List.of());
    pair.b.load(lacked);
    Set<EventId> gone = new HashSet<>(lacked.subList(0, 10));
    pair.b.withholds = gone::contains;

    pair.reconcile();
    pair.pass(Duration.ofSeconds(31));

    results(Result.COMPLETED, Result.COMPLETED);
    assertThat(pair.a.end().missing()).isEqualTo(10);
    assertThat(pair.a.end().received()).isEqualTo(590);
    assertThat(pair.a.end().complete()).isFalse();
  }

  // ---- liars

  @Test
  void whoOffersWhatHeDoesNotSendIsFoundOut() {
    pair.a.load(List.of());
    pair.b.load(events(100, DAY));
    pair.b.withholds = id -> true;

    pair.reconcile();
    pair.pass(Duration.ofSeconds(31));

    assertThat(pair.a.end().result()).isEqualTo(Result.BROKEN_PROMISE);
    assertThat(pair.a.end().blame()).isTrue();
    assertThat(pair.b.end().result()).isEqualTo(Result.DECLINED);
  }

  @Test
  void whoSendsLittleOfWhatHeOfferedIsFoundOut() {
    List<EventId> offered = events(200, DAY);
    pair.a.load(List.of());
    pair.b.load(offered);
    pair.b.withholds = new HashSet<>(offered.subList(0, 190))::contains;

    pair.reconcile();
    pair.pass(Duration.ofSeconds(31));

    assertThat(pair.a.end().result()).isEqualTo(Result.BROKEN_PROMISE);
  }

  @Test
  void malformedRangesEndASessionWithBlame() {
    pair.a.load(events(100, DAY));
    for (Message.Reconcile malformed :
        List.of(
            ranges(),
            ranges(9),
            ranges(1, 2, 3),
            ranges(5, 1),
            new Message.Reconcile(new byte[Ranges.MAX_BYTES + 1]))) {
      pair.a.node.start(0, Pair.WALL, Pair.LINK);

      pair.a.node.received(0, Pair.WALL, Pair.LINK, malformed);

      assertThat(pair.a.end().result()).isEqualTo(Result.LIED);
      assertThat(pair.a.node.sessions()).isZero();
    }
  }

  @Test
  void aMalformedDigestIsBlamed() {
    pair.a.load(events(100, DAY));
    for (Message.Digest malformed :
        List.of(
            new Message.Digest(498_700, 3_600, new byte[15]),
            new Message.Digest(498_700, 0, new byte[16]),
            new Message.Digest(-1, 3_600, new byte[16]),
            new Message.Digest(Long.MAX_VALUE, Long.MAX_VALUE, new byte[16]))) {
      pair.a.node.received(0, Pair.WALL, Pair.LINK, malformed);

      assertThat(pair.a.end().result()).isEqualTo(Result.LIED);
    }
  }

  @Test
  void whoWantsWhatHeWasNotOfferedIsBlamed() {
    pair.a.load(events(100, DAY));
    pair.b.load(events(100, DAY));
    pair.wire = message -> message instanceof Message.WantOffered ? null : message;
    pair.reconcile();

    pair.b.node.received(
        0, Pair.WALL, Pair.LINK, new Message.WantOffered(90, new byte[] {0, (byte) 0x80}));

    assertThat(pair.b.end().result()).isEqualTo(Result.LIED);
    assertThat(pair.b.end().served()).isLessThanOrEqualTo(6);
  }

  @Test
  void whoWantsTheSameTwiceIsBlamed() {
    pair.a.load(events(100, DAY));
    pair.b.load(events(100, DAY));
    pair.wire = message -> message instanceof Message.WantOffered ? null : message;
    pair.reconcile();
    Message.WantOffered want = new Message.WantOffered(0, new byte[] {1});

    pair.b.node.received(0, Pair.WALL, Pair.LINK, want);
    assertThat(pair.b.node.running(Pair.LINK)).isTrue();
    pair.b.node.received(0, Pair.WALL, Pair.LINK, want);

    assertThat(pair.b.end().result()).isEqualTo(Result.LIED);
  }

  @Test
  void whoSendsManyEventsThatNobodyWantedIsBlamed() {
    pair.a.load(List.of());
    pair.b.load(events(1_000, DAY));
    pair.wire = message -> message instanceof Message.WantOffered ? null : message;
    pair.reconcile();

    events(513, DAY).forEach(id -> pair.a.node.arrived(0, Pair.LINK, id));

    assertThat(pair.a.end().result()).isEqualTo(Result.LIED);
  }

  @Test
  void whoSaysThatAllDiffersWithoutEndIsStopped() {
    pair.a.load(events(50_000, 20 * DAY));
    pair.b.load(events(10, 20 * DAY));
    // Whatever a splits, the liar splits again, at bounds of its own.
    Liar liar = new Liar(pair);

    liar.run();
    pair.a.node.tick(Duration.ofMinutes(2).toNanos());

    assertThat(pair.a.node.sessions()).isZero();
    assertThat(liar.messages).isLessThanOrEqualTo(66);
    assertThat(pair.a.end().received()).isZero();
  }

  /** Answers each range by a split in two of which both differ. */
  private static final class Liar {
    private final Pair pair;
    int messages;

    Liar(Pair pair) {
      this.pair = pair;
    }

    void run() {
      pair.a.node.start(0, Pair.WALL, Pair.LINK);
      Message.Digest digest = (Message.Digest) sent();
      int echo = (int) Bytes.get(digest.fingerprint(), 0, 4);
      say(Ranges.hello(new Ranges.Hello(echo, 1, 0, 0)));
      Ranges.Range all = Span.of(digest).orElseThrow().range();
      List<Ranges.Range> open = List.of(all);
      while (pair.a.node.running(Pair.LINK)) {
        Ranges.Blob blob = Ranges.decode(((Message.Reconcile) sent()).ranges()).orElseThrow();
        if (!(blob instanceof Ranges.Round round)) {
          return;
        }
        List<Ranges.Answer> answers =
            Ranges.answers(round, open, open.stream().mapToInt(_ -> -1).toArray()).orElseThrow();
        Ranges.Writer out = Ranges.Writer.next(round.tag(), round.number() + 1);
        List<Ranges.Range> next = new ArrayList<>();
        int left = 1;
        for (int i = 0; i < answers.size(); i++) {
          if (answers.get(i) instanceof Ranges.Split split) {
            for (Ranges.Range part : split.parts()) {
              long middle = (part.from().time() + part.to().time()) / 2;
              if (left-- > 0 && middle > part.from().time()) {
                EventSet.Bound bound = new EventSet.Bound(middle, 0);
                out.split(part.from(), List.of(bound), 0, new long[] {1, 2});
                next.add(new Ranges.Range(part.from(), bound));
                next.add(new Ranges.Range(bound, part.to()));
              } else {
                out.same();
              }
            }
          } else if (answers.get(i) instanceof Ranges.Listed(long[] ids)) {
            out.lack(new byte[(ids.length + 7) / 8], new long[0]);
          } else if (answers.get(i) instanceof Ranges.Sums) {
            out.leave();
          }
        }
        open = next;
        say(out.bytes());
      }
    }

    private Message sent() {
      Output.Send send = (Output.Send) pair.a.outputs.getFirst();
      pair.a.outputs.clear();
      return send.message();
    }

    private void say(byte[] ranges) {
      messages++;
      pair.a.node.received(0, Pair.WALL, Pair.LINK, new Message.Reconcile(ranges));
      if (pair.a.outputs.isEmpty() || messages > 70) {
        pair.a.node.down(0, Pair.LINK);
      }
    }
  }
}
