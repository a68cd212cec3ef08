package io.cyphermesh.dashboard.access;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Browsers that have logged in, in memory only: a restart of the node logs all out. A session is
 * found by the hash of its cookie, so that what leaks from memory logs nobody in.
 *
 * @param <H> who the session stands for
 */
public final class Sessions<H> {
  /** A working day, after which a browser logs in again however busy it was. */
  public static final Duration LIFE = Duration.ofHours(12);

  /** How long an unused one lasts: a page that is open asks every few seconds. */
  public static final Duration IDLE = Duration.ofHours(1);

  /** How many there may be. */
  static final int MOST = 1024;

  /** How many one holder may have: he displaces his own, never another's. */
  static final int MOST_OF_ONE = 32;

  private final RandomGenerator random;
  private final LongSupplier nanos;
  private final Map<String, Entry<H>> byHash = new LinkedHashMap<>();
  private final Map<H, ArrayDeque<String>> byHolder = new HashMap<>();

  private static final class Entry<H> {
    final Session<H> session;
    final long begun;
    long used;

    Entry(Session<H> session, long now) {
      this.session = session;
      this.begun = now;
      this.used = now;
    }
  }

  /**
   * A session.
   *
   * @param holder who logged in
   * @param csrf what its page must repeat in a header to change anything: another site's page can
   *     have the cookie sent, but not read this
   */
  public record Session<H>(H holder, String csrf) {
    /** Whether this is what the page must repeat; takes the same time wherever it differs. */
    public boolean isCsrf(String candidate) {
      return MessageDigest.isEqual(Secrets.hash(csrf), Secrets.hash(candidate));
    }
  }

  /**
   * A session that has just begun.
   *
   * @param cookie what the browser shows from now on
   */
  public record Begun<H>(Session<H> session, String cookie) {}

  /**
   * @param random for cookies: a secure one
   * @param nanos a clock that nobody sets
   */
  public Sessions(RandomGenerator random, LongSupplier nanos) {
    this.random = random;
    this.nanos = nanos;
  }

  /** Logs a browser in; the oldest goes where there are too many. */
  public synchronized Begun<H> begin(H holder) {
    long now = nanos.getAsLong();
    sweep(now);
    ArrayDeque<String> own = byHolder.computeIfAbsent(holder, _ -> new ArrayDeque<>());
    if (own.size() >= MOST_OF_ONE) {
      drop(own.getFirst());
    }
    if (byHash.size() >= MOST) {
      drop(byHash.keySet().iterator().next());
    }
    String cookie = Secrets.next(random);
    Session<H> session = new Session<>(holder, Secrets.next(random));
    String hash = hash(cookie);
    byHash.put(hash, new Entry<>(session, now));
    byHolder.computeIfAbsent(holder, _ -> new ArrayDeque<>()).addLast(hash);
    return new Begun<>(session, cookie);
  }

  /** The session of a cookie, as long as it lasts; being asked for keeps it from idling out. */
  public synchronized Optional<Session<H>> find(String cookie) {
    String hash = hash(cookie);
    Entry<H> entry = byHash.get(hash);
    if (entry == null) {
      return Optional.empty();
    }
    long now = nanos.getAsLong();
    if (isOver(entry, now)) {
      drop(hash);
      return Optional.empty();
    }
    entry.used = now;
    return Optional.of(entry.session);
  }

  /** Logs a browser out. */
  public synchronized void end(String cookie) {
    drop(hash(cookie));
  }

  synchronized int size() {
    return byHash.size();
  }

  private static String hash(String cookie) {
    return Secrets.hex(Secrets.hash(cookie));
  }

  private static boolean isOver(Entry<?> entry, long now) {
    return now - entry.begun >= LIFE.toNanos() || now - entry.used >= IDLE.toNanos();
  }

  private void sweep(long now) {
    for (String hash :
        byHash.entrySet().stream()
            .filter(each -> isOver(each.getValue(), now))
            .map(Map.Entry::getKey)
            .toList()) {
      drop(hash);
    }
  }

  private void drop(String hash) {
    Entry<H> entry = byHash.remove(hash);
    if (entry == null) {
      return;
    }
    ArrayDeque<String> own = byHolder.get(entry.session.holder());
    if (own != null) {
      Iterator<String> each = own.iterator();
      while (each.hasNext()) {
        if (each.next().equals(hash)) {
          each.remove();
        }
      }
      if (own.isEmpty()) {
        byHolder.remove(entry.session.holder());
      }
    }
  }
}
