package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.LinkRole;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Newcomers among honest nodes and ten times as many addresses of one attacker, in four networks.
 * Each newcomer is a trial of its own with a real mesh. All others answer as nodes do and keep
 * nothing in mind, so that a thousand trials share one world without meeting: an honest one tells
 * of half honest and half Sybil addresses, which is worse than its bounded book allows, a Sybil
 * tells of Sybils alone, dials every newcomer again and again, and wants to be its neighbour.
 */
final class SybilScenario {
  private static final int NETWORKS = 2_000;
  private static final int SYBIL_NETWORKS = 4;
  private static final int FIRST_SYBIL_NETWORK = 3_000;
  private static final int VICTIM_NETWORK = 4_000;
  private static final int SYBILS_TO_ONE = 10;
  private static final int ENOUGH = 4;

  /** Records in one answer: fewer than there may be, for the sake of time. */
  private static final int TOLD = 40;

  private static final int DIALS_TO_A_VICTIM = 3;
  private static final Duration LENGTH = Duration.ofMinutes(30);
  private static final Duration DIALS_EVERY = Duration.ofSeconds(60);

  private final World world;
  private final SplittableRandom random;
  private final List<Host> honest = new ArrayList<>();
  private final List<Host> sybils = new ArrayList<>();
  private final List<Node> victims = new ArrayList<>();

  private SybilScenario(Setup setup) {
    this.world = new World(setup.seed(), Network.UNIFORM);
    this.random = world.chance();
    for (int i = 0; i < setup.nodes(); i++) {
      honest.add(stub(random.nextInt(NETWORKS), setup.variant(), false));
    }
    for (int i = 0; i < SYBILS_TO_ONE * setup.nodes(); i++) {
      sybils.add(stub(FIRST_SYBIL_NETWORK + i % SYBIL_NETWORKS, setup.variant(), true));
    }
  }

  static Scenario scenario() {
    return new Scenario(
        "sybils",
        "newcomers (events: how many) among honest nodes and ten times as many Sybils",
        1_000,
        1_000,
        Scenario.DESIGN,
        _ ->
            List.of(
                new Row("safe", "newcomers with 4 honest dialled links", Goal.atLeast(0.999), 4),
                new Row("least", "fewest honest dialled links of one", Goal.none(), 0),
                new Row("dialledSybils", "Sybils that one dialled, in the mean", Goal.none(), 2),
                new Row("acceptedSybils", "and accepted as neighbours", Goal.none(), 2)),
        (setup, outcome) -> new SybilScenario(setup).run(setup, outcome));
  }

  private Host stub(int network, Variant variant, boolean sybil) {
    Host host = world.host(network);
    host.capabilities = variant.capabilities();
    host.run(new Stub(sybil));
    return host;
  }

  private void run(Setup setup, Outcome outcome) {
    for (int i = 0; i < setup.events(); i++) {
      world.in(Duration.ofMillis(10L * i), () -> enter(setup.variant()));
    }
    setup.run(world, "newcomers", LENGTH.plus(Duration.ofMillis(10L * setup.events())));
    int safe = 0;
    long least = Long.MAX_VALUE;
    long dialled = 0;
    long accepted = 0;
    for (Node victim : victims) {
      long good = 0;
      for (MeshSnapshot.LinkState link : victim.snapshot().links()) {
        End end = victim.host.end(link.link());
        if (end == null || link.role() != LinkRole.ACTIVE) {
          continue;
        }
        boolean sybil = ((Stub) end.other.host.actor()).sybil;
        good += !sybil && link.dialled() ? 1 : 0;
        dialled += sybil && link.dialled() ? 1 : 0;
        accepted += sybil && !link.dialled() ? 1 : 0;
      }
      safe += good >= ENOUGH ? 1 : 0;
      least = Math.min(least, good);
    }
    outcome.put("safe", (double) safe / victims.size());
    outcome.put("least", (double) least);
    outcome.put("dialledSybils", (double) dialled / victims.size());
    outcome.put("acceptedSybils", (double) accepted / victims.size());
    outcome.ran(world);
  }

  /** Two honest contacts and a Sybil are all that a newcomer knows. */
  private void enter(Variant variant) {
    Host host = world.host(VICTIM_NETWORK + victims.size() % NETWORKS);
    Node victim = new Node(world, host, variant, new BitSet());
    victims.add(victim);
    victim.start();
    victim.knows(any(honest), AddressOrigin.LEARNED);
    victim.knows(any(honest), AddressOrigin.LEARNED);
    victim.knows(any(sybils), AddressOrigin.LEARNED);
    crowd(host);
  }

  private void crowd(Host victim) {
    for (int i = 0; i < DIALS_TO_A_VICTIM; i++) {
      world.dial(any(sybils), victim.address, new DialPolicy.AnyNode());
    }
    world.in(DIALS_EVERY, () -> crowd(victim));
  }

  private Host any(List<Host> hosts) {
    return hosts.get(random.nextInt(hosts.size()));
  }

  private List<PeerRecord> records(boolean sybil, int count) {
    List<PeerRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(any(sybil || i % 2 == 0 ? sybils : honest).record);
    }
    return records;
  }

  /** Whoever is no newcomer. */
  private final class Stub implements Actor {
    private final boolean sybil;

    private Stub(boolean sybil) {
      this.sybil = sybil;
    }

    @Override
    public void linkUp(End end) {
      if (end.dialled.isPresent()) {
        world.send(end, new Message.Neighbor(true));
        world.send(end, new Message.Shuffle(random.nextLong(1L << 40), 1, records(true, 16)));
      }
    }

    @Override
    public void linkDown(End end, String reason) {}

    @Override
    public void dialFailed(HostPort address, String reason, boolean self) {}

    @Override
    public void received(End end, Message message) {
      switch (message) {
        case Message.Ping ping -> world.send(end, new Message.Pong(ping.n()));
        case Message.Join _, Message.Neighbor _ -> world.send(end, new Message.NeighborReply(true));
        case Message.PeersWanted wanted ->
            world.send(end, new Message.Peers(records(sybil, Math.min(TOLD, wanted.most()))));
        case Message.Shuffle shuffle ->
            world.send(end, new Message.ShuffleReply(shuffle.walk(), records(sybil, 16)));
        case Message.Digest digest -> world.send(end, digest);
        default -> {}
      }
    }

    @Override
    public void timer() {}
  }
}
