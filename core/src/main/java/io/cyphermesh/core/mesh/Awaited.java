package io.cyphermesh.core.mesh;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Events that were announced and are not here yet: when to ask for them, and whom. New ones are
 * given time to come over the tree; old ones are asked for at once, each of one peer at a time.
 */
final class Awaited {
  private static final int MOST = 65_536;
  private static final int MOST_OF_A_LINK = 12_000;
  private static final int SOURCES = 6;

  /** Old events that one peer is asked for at a time. */
  private static final int MOST_PULLED = 2 * Message.Want.MAX_KEYS;

  private static final long PULL_AGAIN_NANOS = Duration.ofMillis(200).toNanos();

  /** A reconciliation that is under way brings most of what is announced meanwhile. */
  private static final long FETCHED_NANOS = Duration.ofSeconds(3).toNanos();

  /** Over the tree nothing comes to whoever is cut off from it; but another link may be faster. */
  private static final long CUT_OFF_NANOS = Duration.ofMillis(50).toNanos();

  private static final long PULL_NANOS = Duration.ofSeconds(15).toNanos();
  private static final long PROMISE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long LATE_PROMISE_NANOS = Duration.ofSeconds(60).toNanos();
  private static final long LATEST_PROMISE_NANOS = Duration.ofMinutes(5).toNanos();
  private static final int MOST_PROMISES = 20_000;
  private static final int MOST_DELAYS = 20;

  private final BroadcastSettings settings;
  private final Links links;
  private final Outbox out;
  private final Scores scores;
  private final RoundTrips roundTrips;
  private final Tree tree;
  private final RandomGenerator random;
  private final Predicate<EventId> arriving;
  private final Map<EventId, Entry> entries = new LinkedHashMap<>();
  private final PriorityQueue<Due> dues = new PriorityQueue<>();
  private final Map<Promise, Long> promises = new LinkedHashMap<>();
  private final Map<Promise, LatePromise> latePromises = new LinkedHashMap<>();
  private long order;

  /** How many old events are asked for of somebody who has not had his time yet. */
  private int pulls;

  /**
   * Who announced an event.
   *
   * @param late whether as an old one, which nobody sends as a new one
   */
  private record Source(LinkId link, boolean late) {}

  private record Due(long at, long order, EventId key) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private record Promise(LinkId link, EventId key) {}

  /** When an old event was asked for, and when it is to be looked at next whether it came. */
  private record LatePromise(long since, long judgedAt) {}

  private static final class Entry {
    final boolean late;
    final LinkId first;
    final List<Source> sources = new ArrayList<>(4);
    @Nullable LinkId asked;

    /** Whether who was asked last was asked for an old event. */
    boolean pulled;

    long deadline;
    int delays;

    Entry(LinkId first, boolean late) {
      this.first = first;
      this.late = late;
    }
  }

  /**
   * Nothing is awaited yet.
   *
   * @param arriving whether an event came and is under judgement
   */
  Awaited(
      BroadcastSettings settings,
      Links links,
      Outbox out,
      Scores scores,
      RoundTrips roundTrips,
      Tree tree,
      RandomGenerator random,
      Predicate<EventId> arriving) {
    this.settings = settings;
    this.links = links;
    this.out = out;
    this.scores = scores;
    this.roundTrips = roundTrips;
    this.tree = tree;
    this.random = random;
    this.arriving = arriving;
  }

  private long patience() {
    return Math.max(
        settings.graftAfter().toNanos(),
        (long) (settings.graftRoundTrips() * roundTrips.percentile95()));
  }

  private long spread() {
    long most = settings.graftSpread().toNanos();
    return most == 0 ? 0 : random.nextLong(most);
  }

  /** Takes one more source of what is awaited already; false if it is not. */
  boolean alsoFrom(Link link, Message.Announced event, boolean late) {
    Entry entry = entries.get(event.key());
    if (entry == null) {
      return false;
    }
    if (entry.sources.size() < SOURCES && !link.id.equals(entry.asked)) {
      for (Source source : entry.sources) {
        if (source.link.equals(link.id)) {
          return true;
        }
      }
      entry.sources.add(new Source(link.id, late));
    }
    return true;
  }

  /** As many of {@code events} as one link may make us wait for. */
  List<Message.Announced> bounded(Link link, List<Message.Announced> events) {
    int room = Math.min(MOST_OF_A_LINK - link.awaited, MOST - entries.size());
    return events.subList(0, Math.max(0, Math.min(room, events.size())));
  }

  void add(long now, Link link, Message.Announced event, boolean late, boolean fetching) {
    if (arriving.test(event.key())
        || alsoFrom(link, event, late)
        || link.awaited >= MOST_OF_A_LINK
        || entries.size() >= MOST) {
      return;
    }
    Entry entry = new Entry(link.id, late);
    entry.sources.add(new Source(link.id, late));
    entries.put(event.key(), entry);
    link.awaited++;
    due(
        event.key(),
        entry,
        late
            ? now + (fetching ? FETCHED_NANOS : 0)
            : now + (tree.isCutOff() ? CUT_OFF_NANOS : patience() + spread()));
  }

  private void due(EventId key, Entry entry, long at) {
    entry.deadline = at;
    dues.add(new Due(at, order++, key));
  }

  /** No longer waits for an event; returns who has it. */
  List<LinkId> forget(EventId key) {
    Entry entry = entries.remove(key);
    if (entry == null) {
      return List.of();
    }
    Link first = links.get(entry.first);
    if (first != null) {
      first.awaited--;
    }
    answered(entry);
    List<LinkId> sources = new ArrayList<>(entry.sources.size());
    entry.sources.forEach(source -> sources.add(source.link));
    return sources;
  }

  private void answered(Entry entry) {
    entry.asked = null;
    if (entry.pulled) {
      entry.pulled = false;
      pulls--;
    }
  }

  /** An event came over a link, which thereby keeps its promise. */
  void delivered(long now, Link link, EventId key) {
    if (link.promised == 0) {
      return;
    }
    Promise promise = new Promise(link.id, key);
    if (promises.remove(promise) != null) {
      link.promised--;
    }
    if (latePromises.remove(promise) != null) {
      link.promised--;
      link.pulled--;
      link.servedAt = now;
    }
  }

  /** Whether old events are asked for of somebody who may still send them. */
  boolean pulling() {
    return pulls > 0;
  }

  /** Whether a link was asked for anything. */
  boolean promisedAny(Link link) {
    return link.promised > 0;
  }

  boolean promised(Link link, EventId key) {
    return promises.containsKey(new Promise(link.id, key)) || pulls(link, key);
  }

  boolean pulls(Link link, EventId key) {
    return latePromises.containsKey(new Promise(link.id, key));
  }

  /** Asks for what is due. */
  void tick(long now) {
    if (dues.isEmpty() || dues.peek().at > now) {
      return;
    }
    Map<LinkId, List<EventId>> grafts = new TreeMap<>();
    Map<LinkId, List<EventId>> wants = new TreeMap<>();
    while (!dues.isEmpty() && dues.peek().at <= now) {
      Due due = dues.remove();
      Entry entry = entries.get(due.key);
      if (entry == null || entry.deadline != due.at) {
        continue;
      }
      if (arriving.test(due.key) && ++entry.delays < MOST_DELAYS) {
        due(due.key, entry, now + patience() / 2);
        continue;
      }
      ask(now, due.key, entry, grafts, wants);
    }
    grafts.forEach(
        (id, keys) -> {
          Link link = links.open(id);
          if (link != null) {
            tree.helps(now, link);
            out.sendInParts(link, keys, Message.IHave.MAX_EVENTS, Message.Graft::new);
          }
        });
    wants.forEach(
        (id, keys) -> {
          Link link = links.open(id);
          if (link != null) {
            out.sendInParts(link, keys, Message.Want.MAX_KEYS, Message.Want::new);
          }
        });
  }

  private void ask(
      long now,
      EventId key,
      Entry entry,
      Map<LinkId, List<EventId>> grafts,
      Map<LinkId, List<EventId>> wants) {
    answered(entry);
    boolean busy = false;
    for (Iterator<Source> sources = entry.sources.iterator(); sources.hasNext(); ) {
      Source source = sources.next();
      Link link = links.open(source.link);
      if (link == null || !link.inTree()) {
        sources.remove();
        continue;
      }
      boolean late = entry.late || source.late;
      if (late && link.pulled >= MOST_PULLED) {
        busy = true;
        continue;
      }
      sources.remove();
      entry.asked = link.id;
      if (late) {
        entry.pulled = true;
        pulls++;
      }
      promise(now, link, key, late);
      (late ? wants : grafts).computeIfAbsent(link.id, _ -> new ArrayList<>()).add(key);
      due(key, entry, now + (late ? PULL_NANOS : patience() / 2));
      return;
    }
    if (busy) {
      due(key, entry, now + PULL_AGAIN_NANOS);
    } else {
      forget(key);
    }
  }

  private void promise(long now, Link link, EventId key, boolean late) {
    Promise promise = new Promise(link.id, key);
    if (late) {
      if (latePromises.size() < MOST_PROMISES
          && latePromises.putIfAbsent(promise, new LatePromise(now, now + LATE_PROMISE_NANOS))
              == null) {
        link.promised++;
        link.pulled++;
      }
    } else if (promises.size() < MOST_PROMISES
        && promises.putIfAbsent(promise, now + PROMISE_NANOS) == null) {
      link.promised++;
    }
  }

  /** Finds out who announced what he did not deliver. */
  void judge(long now) {
    Iterator<Map.Entry<Promise, Long>> oldest = promises.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Promise, Long> promise = oldest.next();
      if (promise.getValue() > now) {
        break;
      }
      oldest.remove();
      Link link = links.open(promise.getKey().link);
      if (link != null) {
        link.promised--;
        scores.brokenPromise(link);
      }
    }
    judgeLate(now);
  }

  /**
   * All that is late over a link comes through one queue: while it moves, nothing is broken yet.
   */
  private void judgeLate(long now) {
    Map<Promise, LatePromise> again = new LinkedHashMap<>();
    Iterator<Map.Entry<Promise, LatePromise>> oldest = latePromises.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Promise, LatePromise> promise = oldest.next();
      long since = promise.getValue().since;
      if (promise.getValue().judgedAt > now) {
        break;
      }
      oldest.remove();
      Link link = links.open(promise.getKey().link);
      if (link == null) {
        continue;
      }
      if (now - link.servedAt < LATE_PROMISE_NANOS && now - since < LATEST_PROMISE_NANOS) {
        again.put(promise.getKey(), new LatePromise(since, now + LATE_PROMISE_NANOS));
      } else {
        link.promised--;
        link.pulled--;
        scores.brokenLatePromise(link);
      }
    }
    latePromises.putAll(again);
  }

  long nextWake() {
    Due next = dues.peek();
    return next == null ? Long.MAX_VALUE : next.at;
  }

  void sizes(Map<String, Integer> sizes) {
    sizes.put("awaited", entries.size());
    sizes.put("dues", dues.size());
    sizes.put("promises", promises.size() + latePromises.size());
  }
}
