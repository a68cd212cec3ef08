package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hosts, the links between them, and virtual time. One thread, one seed: the same seed and the same
 * calls give the same run, of which {@link #trace} is the proof.
 *
 * <p>A link comes up as TLS over TCP does: the acceptor has it after five times the latency (SYN,
 * its answer, three flights, the last with HELLO), the dialler one later. What is sent over a link
 * arrives in order, unless reordering is asked for.
 */
@SuppressWarnings("ReferenceEquality") // It is this very actor that is meant, not an equal one.
final class World {
  /** The wall clock when virtual time is 0, in milliseconds since 1970. */
  static final long EPOCH_MILLIS = 1_800_000_000_000L;

  private static final long DIAL_TIMEOUT = 5_000_000_000L;
  private static final long NOWHERE_LATENCY = 30_000_000L;
  private static final int FLIGHTS_AFTER_SYN = 4;
  private static final long OVERTAKEN = 60_000_000L;

  /** What a sender keeps for a peer that does not read: half of it before announcements go. */
  private static final long QUEUE_BYTES = 4L << 20;

  private static final long TIMER = -1;
  private static final long TASK = -2;
  private static final long UP = -3;

  final Faults faults = new Faults();
  final TraceHash trace = new TraceHash();
  final Ledger ledger = new Ledger();
  final Events events;
  final Identities identities;

  private final long seed;
  private final Network network;
  private final SplittableRandom random;
  private final Agenda agenda = new Agenda();
  private final List<Host> hosts = new ArrayList<>();
  private final Map<HostPort, Host> byAddress = new HashMap<>();
  private final List<@Nullable End> ends = new ArrayList<>();
  private long now;
  private long steps;

  World(long seed, Network network) {
    this.seed = seed;
    this.network = network;
    SplittableRandom root = new SplittableRandom(seed);
    this.random = root.split();
    this.events = new Events(root.split());
    this.identities = new Identities(root.split());
  }

  /** Nanoseconds of virtual time. */
  long now() {
    return now;
  }

  /** What was taken from the agenda so far. */
  long steps() {
    return steps;
  }

  /** Chance for whatever wants its own. */
  SplittableRandom chance() {
    return random.split();
  }

  /** The wall clock of somebody whose clock is right. */
  long millis() {
    return EPOCH_MILLIS + now / 1_000_000;
  }

  List<Host> hosts() {
    return hosts;
  }

  /** A new host in that /16, on which nothing runs yet. */
  Host host(int group) {
    return add(new Host(hosts.size(), identities.key(), identities.address(group)));
  }

  private Host add(Host host) {
    host.bytesPerSecond = network.bytesPerSecond();
    hosts.add(host);
    byAddress.put(host.address, host);
    return host;
  }

  // ---- time

  void in(long nanos, Runnable task) {
    agenda.add(now + Math.max(0, nanos), task, TASK);
  }

  void in(Duration duration, Runnable task) {
    in(duration.toNanos(), task);
  }

  /** Gives {@code host} a tick at that time, and not at the one that it wanted before. */
  void setTimer(Host host, long at) {
    host.timer = Math.max(at, now);
    if (host.timer < host.timerQueued) {
      host.timerQueued = host.timer;
      agenda.add(host.timer, host, TIMER);
    }
  }

  void run(Duration duration) {
    run(duration, _ -> {});
  }

  /** Goes on so long; {@code progress} is told of nanoseconds gone by, every now and then. */
  void run(Duration duration, LongConsumer progress) {
    long begin = now;
    long end = now + duration.toNanos();
    while (agenda.next(end)) {
      now = agenda.time();
      if ((++steps & 0xfff) == 0) {
        progress.accept(now - begin);
      }
      happen(agenda.thing(), agenda.tag());
    }
    now = end;
  }

  private void happen(Object thing, long tag) {
    if (tag >= 0) {
      End to = ends.get((int) tag);
      if (to != null) {
        if (thing instanceof Message message) {
          arrived(to, message);
        } else {
          down(to, (String) thing);
        }
      }
    } else if (tag == TIMER) {
      tick((Host) thing);
    } else if (tag == TASK) {
      ((Runnable) thing).run();
    } else {
      up((End) thing);
    }
  }

  private void tick(Host host) {
    if (host.timerQueued != now) {
      return;
    }
    host.timerQueued = Long.MAX_VALUE;
    if (!host.running()) {
      return;
    }
    if (host.timer > now) {
      if (host.timer != Long.MAX_VALUE) {
        setTimer(host, host.timer);
      }
      return;
    }
    host.timer = Long.MAX_VALUE;
    host.actor().timer();
  }

  // ---- hosts

  /** The process ends: peers are told by their systems, or not, if the machine is gone as well. */
  void crash(Host host, boolean silently) {
    trace.add(now ^ host.number);
    host.state = silently ? Host.State.GONE : Host.State.STOPPED;
    host.timer = Long.MAX_VALUE;
    for (End end : List.copyOf(host.ends.values())) {
      end.open = false;
      end.silent = silently;
      if (!silently) {
        send(end.other, "connection reset by peer");
        forget(end);
      }
    }
    host.allClosed();
  }

  /** Takes in again what waited. */
  void setReads(Host host, boolean reads) {
    host.reads = reads;
    if (reads) {
      for (End end : List.copyOf(host.ends.values())) {
        while (end.open && !end.backlog.isEmpty()) {
          arrived(end, end.backlog.remove());
        }
        end.backlogBytes = 0;
      }
    }
  }

  // ---- links

  /** Dials; ends in {@link Actor#linkUp} or {@link Actor#dialFailed}. */
  void dial(Host from, HostPort address, DialPolicy policy) {
    Host target = byAddress.get(address);
    long latency = target == null ? NOWHERE_LATENCY : latency(from, target);
    Actor dialler = from.actor();
    in(latency, () -> asked(from, dialler, address, policy, target, latency));
  }

  private void asked(
      Host from,
      Actor dialler,
      HostPort address,
      DialPolicy policy,
      @Nullable Host target,
      long latency) {
    if (target == null
        || target.state == Host.State.GONE
        || !target.reads
        || !from.reads
        || faults.cut(from.number, target.number)
        || faults.cut(target.number, from.number)) {
      in(DIAL_TIMEOUT - latency, () -> fail(from, dialler, address, "no answer", false));
    } else if (!target.running()) {
      in(latency, () -> fail(from, dialler, address, "connection refused", false));
    } else if (target == from) {
      in(latency, () -> fail(from, dialler, address, "it is this node itself", true));
    } else if (policy instanceof DialPolicy.OnlyNode(var expected) && !expected.equals(target.id)) {
      in(3 * latency, () -> fail(from, dialler, address, "somebody else answers", false));
    } else {
      Actor acceptor = target.actor();
      in(
          FLIGHTS_AFTER_SYN * latency,
          () -> connect(from, dialler, address, target, acceptor, latency));
    }
  }

  private void fail(Host from, Actor dialler, HostPort address, String why, boolean self) {
    if (from.running() && from.actor() == dialler) {
      trace.add(now ^ ~from.number);
      dialler.dialFailed(address, why, self);
    }
  }

  private void connect(
      Host from, Actor dialler, HostPort address, Host target, Actor acceptor, long latency) {
    if (!from.running() || from.actor() != dialler) {
      return;
    }
    if (!target.running() || target.actor() != acceptor) {
      in(latency, () -> fail(from, dialler, address, "connection reset by peer", false));
      return;
    }
    End near = end(from, Optional.of(address), latency);
    End far = end(target, Optional.empty(), latency);
    near.other = far;
    far.other = near;
    near.lastArrival = now + latency;
    agenda.add(near.lastArrival, near, UP);
    up(far);
  }

  private End end(Host host, Optional<HostPort> dialled, long latency) {
    End end = new End(ends.size(), host, host.nextLink(), dialled);
    end.open = true;
    end.latency = latency;
    ends.add(end);
    host.open(end);
    return end;
  }

  private void up(End end) {
    if (end.open) {
      trace.add(now * 31 + end.index);
      end.host.actor().linkUp(end);
    }
  }

  /** Ends a link from this side, where it is down at once. */
  void close(End end, String reason) {
    if (end.open) {
      send(end.other, "closed by the peer");
      down(end, reason);
    }
  }

  private void down(End end, String reason) {
    if (end.open) {
      trace.add(now * 37 + end.index);
      end.open = false;
      end.host.closed(end);
      forget(end);
      end.host.actor().linkDown(end, reason);
    }
  }

  /** Nothing can come to it any more. */
  private void forget(End end) {
    ends.set(end.index, null);
    end.backlog.clear();
  }

  /** Tells an end that the link is down, behind all that was sent to it. */
  private void send(End to, String reason) {
    to.lastArrival = Math.max(to.lastArrival, now + to.latency);
    agenda.add(to.lastArrival, reason, to.index);
  }

  /** Sends over a link. */
  void send(End from, Message message) {
    send(from, message, Traffic.bytes(message));
  }

  /** The same, with the size of its frame. */
  void send(End from, Message message, int bytes) {
    if (!from.open) {
      return;
    }
    End to = from.other;
    Host sender = from.host;
    ledger.sent(sender, message, bytes);
    if (faults.cut(sender.number, to.host.number)) {
      return;
    }
    long at = now + from.latency + random.nextLong(network.jitter().toNanos() + 1);
    if (sender.bytesPerSecond > 0) {
      long begin = Math.max(now, sender.lineFree);
      sender.lineFree = begin + bytes * 1_000_000_000L / sender.bytesPerSecond;
      at += sender.lineFree - now;
    }
    if (faults.anyOnMessages()) {
      if (random.nextDouble() < faults.loss) {
        return;
      }
      if (random.nextDouble() < faults.reordering) {
        // Not behind what was sent before, nor before what is sent after.
        agenda.add(at + random.nextLong(OVERTAKEN), message, to.index);
        return;
      }
      if (random.nextDouble() < faults.duplication) {
        agenda.add(Math.max(at, to.lastArrival) + random.nextLong(OVERTAKEN), message, to.index);
      }
    }
    at = Math.max(at, to.lastArrival);
    to.lastArrival = at;
    agenda.add(at, message, to.index);
  }

  private void arrived(End to, Message message) {
    if (!to.open) {
      if (to.silent && to.host.state != Host.State.GONE) {
        send(to.other, "connection reset by peer");
      }
      return;
    }
    if (!to.host.reads) {
      wait(to, message);
      return;
    }
    trace.arrival(now, to.host.number, to.id.number(), message);
    to.host.actor().received(to, message);
  }

  private void wait(End to, Message message) {
    int bytes = Traffic.bytes(message);
    boolean announcement = message instanceof Message.IHave;
    if (announcement && to.backlogBytes > QUEUE_BYTES / 2) {
      return;
    }
    to.backlog.add(message);
    to.backlogBytes += bytes;
    if (to.backlogBytes > QUEUE_BYTES && to.other.open) {
      close(to.other, "it reads too slowly");
    }
  }

  private long latency(Host a, Host b) {
    return network.between(seed, a.number, b.number);
  }
}
