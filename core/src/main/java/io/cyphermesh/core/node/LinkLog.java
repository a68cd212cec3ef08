package io.cyphermesh.core.node;

import io.cyphermesh.core.mesh.LinkId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * What the operator's log says of links. A stranger who comes, misbehaves and goes is one line,
 * however often he comes; a link that lasts has one for its beginning and one for its end.
 */
final class LinkLog {
  /** Longer than half a frame or a silent peer is borne. */
  private static final Duration LASTING = Duration.ofSeconds(30);

  private final Logger logger;
  private final LongSupplier nanos;
  private final Map<LinkId, Entry> links = new ConcurrentHashMap<>();

  private static final class Entry {
    final String peer;
    final long since;
    final boolean plain;
    boolean announced;
    boolean blamed;

    Entry(String peer, long since, boolean plain) {
      this.peer = peer;
      this.since = since;
      this.plain = plain;
    }
  }

  LinkLog(Logger logger, LongSupplier nanos) {
    this.logger = logger;
    this.nanos = nanos;
  }

  /**
   * A link came up.
   *
   * @param peer who, where and with what software
   * @param dialled our own dials are announced at once
   */
  void up(LinkId link, String peer, boolean dialled) {
    up(link, new Entry(peer, nanos.getAsLong(), false), dialled);
  }

  /** A plain link came up. It costs a stranger nothing, so one that does not last is no line. */
  void upPlain(LinkId link, String peer, boolean dialled) {
    up(link, new Entry(peer, nanos.getAsLong(), true), dialled);
  }

  private void up(LinkId link, Entry entry, boolean dialled) {
    links.put(link, entry);
    if (dialled) {
      announce(entry);
    }
  }

  /** Announces what has lasted; called now and then. */
  void look() {
    long now = nanos.getAsLong();
    for (Entry entry : links.values()) {
      if (now - entry.since >= LASTING.toNanos()) {
        announce(entry);
      }
    }
  }

  private void announce(Entry entry) {
    synchronized (entry) {
      if (!entry.announced) {
        entry.announced = true;
        logger.info("linked with {}", entry.peer);
      }
    }
  }

  /** A link delivered what is invalid; its first such event is told. */
  void blamed(LinkId link, String peer, String reason) {
    Entry entry = links.get(link);
    boolean first = false;
    if (entry != null) {
      synchronized (entry) {
        first = !entry.blamed;
        entry.blamed = true;
      }
    }
    if (first) {
      logger.info("peer {} delivered an invalid event: {}", peer, reason);
    } else {
      logger.debug("peer {} delivered one more invalid event: {}", peer, reason);
    }
  }

  /** A link that was up ended. */
  void down(LinkId link, String reason) {
    Entry entry = links.remove(link);
    if (entry == null) {
      return;
    }
    synchronized (entry) {
      if (entry.announced) {
        logger.info("link with {} ended: {}", entry.peer, reason);
      } else {
        // Also keeps a look that is under way from announcing it.
        entry.announced = true;
        logger
            .atLevel(entry.plain ? Level.DEBUG : Level.INFO)
            .log(
                "link from {} ended after {} ms: {}",
                entry.peer,
                Duration.ofNanos(nanos.getAsLong() - entry.since).toMillis(),
                reason);
      }
    }
  }
}
