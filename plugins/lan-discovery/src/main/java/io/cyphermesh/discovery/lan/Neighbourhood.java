package io.cyphermesh.discovery.lan;

import io.cyphermesh.api.DiscoveryContext;
import io.cyphermesh.api.HostPort;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What is said on the LAN and when, and what heard there is believed. Has neither thread nor
 * socket; belongs to one thread.
 *
 * <p>Anybody on the LAN can send anything in any number, under any address of the LAN. So nothing
 * heard costs more than a little memory, an answer now and then, and a dial a minute.
 */
final class Neighbourhood {
  static final Duration PING_EVERY = Duration.ofSeconds(30);
  static final Duration BETWEEN_PONGS = Duration.ofSeconds(5);

  /** So that not all who heard a PING answer at once. */
  static final Duration JITTER = Duration.ofMillis(500);

  /** When nobody could be reached: an interface may come up soon. */
  static final Duration RETRY = Duration.ofSeconds(2);

  static final Duration AGAIN = Duration.ofMinutes(1);

  /** Sources that are believed within {@link #AGAIN}; others have to wait. */
  static final int MOST_SOURCES = 60;

  /** Packets that are looked into within a second. */
  static final int MOST_PACKETS = 200;

  private static final int MOST_KNOWN = 1_024;
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final DiscoveryContext context;
  private final Function<Instant, List<Subnet>> networks;
  private final RandomGenerator random;
  private final Map<Inet4Address, Instant> sources = new HashMap<>();
  private final Set<HostPort> known = new LinkedHashSet<>();
  private Instant pingAt = Instant.MIN;
  private Optional<Instant> pongAt = Optional.empty();
  private Instant ponged = Instant.MIN;
  private Instant second = Instant.MIN;
  private int packets;
  private boolean first = true;

  Neighbourhood(
      DiscoveryContext context, Function<Instant, List<Subnet>> networks, RandomGenerator random) {
    this.context = context;
    this.networks = networks;
    this.random = random;
  }

  /** What is to be broadcast now; {@link #said} has to follow. */
  Optional<Packet> due() {
    Instant now = now();
    if (pongAt.filter(at -> reached(at, now, BETWEEN_PONGS.plus(JITTER))).isPresent()) {
      return Optional.of(ours(Packet.Type.PONG));
    }
    if (reached(pingAt, now, PING_EVERY) && (first || context.alone())) {
      return Optional.of(ours(Packet.Type.PING));
    }
    return Optional.empty();
  }

  /**
   * A packet was broadcast.
   *
   * @param reached whether on any network
   */
  void said(Packet packet, boolean reached) {
    Instant now = now();
    switch (packet.type()) {
      case PONG -> {
        pongAt = Optional.empty();
        ponged = now;
      }
      case PING -> {
        first &= !reached;
        pingAt = now.plus(reached ? PING_EVERY : RETRY);
      }
    }
  }

  /** How long nothing is due, if nothing happens: at most a second. */
  Duration quiet() {
    Instant now = now();
    Duration left = SECOND;
    // Whether we are alone is not told, it has to be asked: a passed pingAt is no reason to hurry.
    for (Optional<Instant> at : List.of(pongAt, Optional.of(pingAt).filter(now::isBefore))) {
      if (at.isPresent() && at.get().isBefore(now.plus(left))) {
        left = Duration.between(now, at.get());
      }
    }
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** A datagram came. */
  void heard(Inet4Address source, ByteBuffer datagram) {
    Instant now = now();
    if (tooMany(now) || networks.apply(now).stream().noneMatch(n -> n.holdsHost(source))) {
      return;
    }
    Packet.read(datagram)
        .filter(packet -> !isOurs(packet, source, now))
        .ifPresent(packet -> believe(packet, source, now));
  }

  private void believe(Packet packet, Inet4Address source, Instant now) {
    if (packet.type() == Packet.Type.PING && pongAt.isEmpty()) {
      Instant next = ponged.plus(BETWEEN_PONGS);
      Instant earliest = reached(next, now, BETWEEN_PONGS) ? now : next;
      pongAt = Optional.of(earliest.plusNanos(random.nextLong(JITTER.toNanos())));
    }
    sources.values().removeIf(at -> at.isAfter(now) || !now.isBefore(at.plus(AGAIN)));
    if (sources.size() >= MOST_SOURCES || sources.putIfAbsent(source, now) != null) {
      return;
    }
    HostPort address = new HostPort(source.getHostAddress(), packet.port());
    if (isNew(address)) {
      context
          .logger()
          .info(
              "a neighbour at {}: {}",
              address,
              packet.id().map(id -> id.abbreviated()).orElse("perhaps an original node"));
    }
    context.found(address, packet.id());
  }

  /** Other nodes may run on this host, but not at our port of it. */
  private boolean isOurs(Packet packet, Inet4Address source, Instant now) {
    return packet.sender().equals(context.self().hex())
        || packet.id().filter(context.self()::equals).isPresent()
        || (packet.port() == context.port()
            && networks.apply(now).stream().anyMatch(n -> n.own().equals(source)));
  }

  private boolean tooMany(Instant now) {
    if (now.isBefore(second) || !now.isBefore(second.plus(SECOND))) {
      second = now;
      packets = 0;
    }
    return ++packets > MOST_PACKETS;
  }

  private boolean isNew(HostPort address) {
    if (known.size() >= MOST_KNOWN) {
      known.remove(known.iterator().next());
    }
    return known.add(address);
  }

  private Packet ours(Packet.Type type) {
    return Packet.ours(type, context.self(), context.port());
  }

  private Instant now() {
    return context.clock().instant();
  }

  /** Also where {@code at} is further off than it can be: the clock was set back then. */
  private static boolean reached(Instant at, Instant now, Duration longest) {
    return !now.isBefore(at) || at.isAfter(now.plus(longest));
  }
}
