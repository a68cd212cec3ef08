package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Whatever comes, nothing is thrown and nothing is left behind. With {@code -Dfuzz.messages=N} for
 * longer.
 */
class ReconciliationFuzzTest {
  private static final int MESSAGES = Integer.getInteger("fuzz.messages", 100_000);

  private SplittableRandom random = new SplittableRandom(0);
  private final List<Message> seen = new ArrayList<>();
  private int messages;

  @Test
  void changedAndReorderedMessagesNeverThrow() {
    for (long seed = 1; messages < MESSAGES; seed++) {
      try {
        session(seed);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    System.out.println(messages + " messages");
  }

  private void session(long seed) {
    random = new SplittableRandom(seed);
    seen.clear();
    Pair pair = new Pair(seed);
    List<EventId> common = events(random.nextInt(2_000));
    common.addAll(events(random.nextInt(300)));
    pair.a.load(common);
    common.addAll(events(random.nextInt(300)));
    pair.b.load(common.subList(random.nextInt(1 + common.size() / 4), common.size()));
    // From nearly none to most messages are changed.
    int changed = random.nextInt(1, 200);
    int[] budget = {2_000};
    pair.wire =
        message -> {
          messages++;
          if (budget[0]-- <= 0) {
            return null;
          }
          seen.add(message);
          if (random.nextInt(200) >= changed) {
            return message;
          }
          return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> seen.get(random.nextInt(seen.size()));
            case 2 -> new Message.Reconcile(bytes());
            case 3 -> new Message.WantOffered(number(), bytes());
            case 4 -> new Message.Digest(number(), number(), new byte[random.nextInt(3) * 8]);
            default -> change(message);
          };
        };
    for (int i = 0; i < 4; i++) {
      pair.a.node.start(pair.now, pair.a.wall, Pair.LINK);
      if (random.nextInt(4) == 0) {
        pair.b.node.start(pair.now, pair.b.wall, Pair.LINK);
      }
      pair.run();
      inject(pair);
      assertThat(pair.a.node.sessions()).isLessThanOrEqualTo(4);
      pair.pass(java.time.Duration.ofSeconds(random.nextInt(100)));
    }
    pair.pass(java.time.Duration.ofMinutes(20));
    assertThat(pair.a.node.sessions() + pair.b.node.sessions()).as("seed %s", seed).isZero();
    assertThat(pair.a.node.nextWake()).as("seed %s", seed).isEqualTo(Long.MAX_VALUE);
  }

  /** Messages at the wrong time. */
  private void inject(Pair pair) {
    for (int i = 0; i < 10 && !seen.isEmpty(); i++) {
      messages++;
      Message message = seen.get(random.nextInt(seen.size()));
      Pair.Side side = random.nextBoolean() ? pair.a : pair.b;
      side.node.received(
          pair.now, side.wall, Pair.LINK, random.nextBoolean() ? message : change(message));
      if (random.nextInt(3) == 0) {
        pair.run();
      }
    }
  }

  private Message change(Message message) {
    return switch (message) {
      case Message.Digest(long f, long t, byte[] d) ->
          new Message.Digest(
              random.nextInt(4) == 0 ? number() : f,
              random.nextInt(4) == 0 ? number() : t,
              change(d));
      case Message.Reconcile(byte[] r) -> new Message.Reconcile(change(r));
      case Message.WantOffered(long first, byte[] bits) ->
          new Message.WantOffered(random.nextBoolean() ? number() : first, change(bits));
      default -> message;
    };
  }

  private byte[] change(byte[] bytes) {
    byte[] changed =
        switch (random.nextInt(4)) {
          case 0 -> java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
          case 1 -> java.util.Arrays.copyOf(bytes, bytes.length + random.nextInt(20));
          default -> bytes.clone();
        };
    // Behind what says which session it is of, so that it is looked at.
    int safe = random.nextInt(4) == 0 ? 0 : 12;
    for (int i = random.nextInt(1, 4); i > 0 && changed.length > safe; i--) {
      int at = random.nextInt(safe, Math.min(changed.length, random.nextBoolean() ? 40 : 100_000));
      changed[at] = random.nextBoolean() ? (byte) random.nextInt(8) : (byte) random.nextInt();
    }
    return changed;
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(1 << random.nextInt(8))];
    random.nextBytes(bytes);
    if (bytes.length > 0) {
      bytes[0] = (byte) random.nextInt(7);
    }
    return bytes;
  }

  private long number() {
    return random.nextLong() >> random.nextInt(64);
  }

  private List<EventId> events(int count) {
    List<EventId> events = new ArrayList<>();
    long span = 1L << random.nextInt(31);
    for (int i = 0; i < count; i++) {
      events.add(Pair.id(Pair.WALL - 60_000 - random.nextLong(span), random));
    }
    return events;
  }
}
