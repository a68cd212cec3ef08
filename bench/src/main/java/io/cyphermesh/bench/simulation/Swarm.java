package io.cyphermesh.bench.simulation;

import io.cyphermesh.core.mesh.AddressOrigin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** The honest nodes of a world, as one. */
final class Swarm {
  private static final int FIRST_CONTACTS = 3;
  private static final int NETWORKS = 2_000;
  private static final Duration SETTLING = Duration.ofMinutes(2);
  private static final int JOINS_PER_SECOND = 200;

  final World world;
  private final Setup setup;
  private final SplittableRandom random;

  private Consumer<Host> prepare = _ -> {};

  /** All that ever ran. */
  private final List<Node> nodes = new ArrayList<>();

  Swarm(Setup setup, Network network) {
    this(setup, new World(setup.seed(), network));
  }

  Swarm(Setup setup, World world) {
    this.setup = setup;
    this.world = world;
    this.random = world.chance();
  }

  /** A swarm whose nodes have joined one after the other and have settled. */
  static Swarm settled(Setup setup, Network network) {
    return settled(setup, network, _ -> {});
  }

  /**
   * The same.
   *
   * @param prepare what is done to each host before anything runs on it
   */
  static Swarm settled(Setup setup, Network network, Consumer<Host> prepare) {
    Swarm swarm = new Swarm(setup, network);
    swarm.prepare = prepare;
    swarm.join(setup.nodes());
    setup.run(
        swarm.world,
        "settling",
        Duration.ofMillis(1_000L * setup.nodes() / JOINS_PER_SECOND).plus(SETTLING));
    return swarm;
  }

  /** Has so many nodes join one after the other, from now on. */
  void join(int count) {
    for (int i = 0; i < count; i++) {
      world.in(Duration.ofNanos(1_000_000_000L / JOINS_PER_SECOND * i), this::joinOne);
    }
  }

  /** One more node, which knows a few others. */
  Node joinOne() {
    Host host = world.host(random.nextInt(NETWORKS));
    prepare.accept(host);
    Node node = enter(host, new BitSet());
    nodes.add(node);
    return node;
  }

  /**
   * One that is not counted among the honest ones, in the network of that number; it is honest in
   * all that it is not told otherwise.
   */
  Node adversary(int network) {
    return enter(world.host(network), new BitSet());
  }

  /** What ran on a host starts there again. */
  Node restart(Node former, boolean withStore) {
    BitSet kept = withStore ? (BitSet) former.stored().clone() : new BitSet();
    Node node = enter(former.host, kept);
    nodes.add(node);
    return node;
  }

  private Node enter(Host host, BitSet stored) {
    Node node = new Node(world, host, setup.variant(), stored);
    List<Node> known = live();
    node.start();
    for (int i = 0; i < FIRST_CONTACTS && !known.isEmpty(); i++) {
      Node contact = known.remove(random.nextInt(known.size()));
      node.knows(contact.host, AddressOrigin.LEARNED);
    }
    return node;
  }

  /** Crashes so many nodes at once, picked by chance; gives them. */
  List<Node> crash(double share, boolean silently) {
    List<Node> picked = live();
    Collections.shuffle(picked, new java.util.Random(random.nextLong()));
    picked = List.copyOf(picked.subList(0, (int) Math.round(share * picked.size())));
    picked.forEach(node -> world.crash(node.host, silently));
    return picked;
  }

  /** Those that run. */
  List<Node> live() {
    List<Node> live = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      if (node.host.running() && node.host.actor() == node) {
        live.add(node);
      }
    }
    return live;
  }

  Node any() {
    List<Node> live = live();
    return live.get(random.nextInt(live.size()));
  }

  /** Has so many events published by nodes picked by chance, evenly over time; none is late. */
  List<Events.Made> publish(String phase, int count, Duration over) {
    List<Events.Made> made = new ArrayList<>();
    List<Node> live = live();
    for (int i = 0; i < count; i++) {
      world.in(
          over.toNanos() / count * i,
          () -> {
            Node node = live.get(random.nextInt(live.size()));
            made.add((node.host.running() ? node : any()).publish());
          });
    }
    setup.run(world, phase, over);
    return made;
  }

  /** Share of those nodes that have those events. */
  static double delivered(Collection<Events.Made> events, Collection<Node> among) {
    long have = 0;
    for (Node node : among) {
      for (Events.Made made : events) {
        if (node.has(made)) {
          have++;
        }
      }
    }
    return (double) have / ((long) events.size() * among.size());
  }

  /** Share of the running nodes in the largest part whose neighbours reach each other. */
  double largestComponent() {
    List<Node> live = live();
    List<List<Integer>> neighbours = new ArrayList<>();
    for (int i = 0; i < world.hosts().size(); i++) {
      neighbours.add(new ArrayList<>());
    }
    for (Node node : live) {
      for (Host other : node.neighbours()) {
        if (other.running()) {
          neighbours.get(node.host.number).add(other.number);
          neighbours.get(other.number).add(node.host.number);
        }
      }
    }
    BitSet seen = new BitSet();
    int largest = 0;
    Deque<Integer> ahead = new ArrayDeque<>();
    for (Node node : live) {
      int size = 0;
      ahead.add(node.host.number);
      while (!ahead.isEmpty()) {
        int at = ahead.remove();
        if (!seen.get(at)) {
          seen.set(at);
          size++;
          ahead.addAll(neighbours.get(at));
        }
      }
      largest = Math.max(largest, size);
    }
    return (double) largest / live.size();
  }
}
