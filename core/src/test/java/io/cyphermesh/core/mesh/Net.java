package io.cyphermesh.core.mesh;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Several meshes in memory, in virtual time: every output is carried out as a node would. */
final class Net {
  static final PlainSettings PLAIN =
      new PlainSettings(true, Duration.ofSeconds(30), Duration.ofSeconds(95));
  static final MeshSettings SETTINGS =
      new MeshSettings(
          64,
          Duration.ofSeconds(10),
          Duration.ofSeconds(15),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          Set.of(),
          MembershipSettings.DEFAULTS,
          BroadcastSettings.DEFAULTS,
          ReconciliationSettings.DEFAULTS,
          PLAIN);
  private static final long LATENCY = 10_000_000L;

  /** So many old events a link is sent before it is another one's turn. */
  private static final int TURN = 64;

  final List<String> trace = new ArrayList<>();
  private final SplittableRandom random;
  private final Map<HostPort, Node> nodes = new TreeMap<>(AddressBook.ORDER);
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
  private long order;
  private long now = 5_000_000_000L;

  /** By how much the wall clock of all is ahead of 1970. */
  private Duration wallAhead = Duration.ZERO;

  /** How many old events a node sends a second to all its peers together. */
  private int uploadsPerSecond = Integer.MAX_VALUE;

  Net(long seed) {
    random = new SplittableRandom(seed);
  }

  private record Due(long at, long order, Runnable action) {}

  /** One end of a link; {@code deaf} ends take nothing in, {@code aloof} ones compare nothing. */
  static final class End {
    final Node node;
    final LinkId id;
    End other;
    boolean open = true;
    boolean deaf;
    boolean aloof;

    End(Node node, LinkId id) {
      this.node = node;
      this.id = id;
      this.other = this;
    }
  }

  final class Node {
    final NodeId id;
    final HostPort address;
    final Mesh mesh;
    final TreeMap<LinkId, End> ends = new TreeMap<>();
    final Set<EventId> stored = new TreeSet<>();
    final List<Output> outputs = new ArrayList<>();
    final List<Long> dialTimes = new ArrayList<>();
    boolean answers = true;

    /** Why it does not take an event. */
    Function<SignedEvent, Optional<Input.Refusal>> refuses = _ -> Optional.empty();

    /** How long it takes over each old event that it is asked for. */
    long dripNanos;

    private final Map<LinkId, Deque<Message>> uploads = new LinkedHashMap<>();
    private boolean uploading;
    Set<String> capabilities = Set.of();
    final Map<EventId, SignedEvent> events = new TreeMap<>();
    private long links;
    private long timer = Long.MAX_VALUE;

    Node(NodeId id, HostPort address, MeshSettings settings) {
      this.id = id;
      this.address = address;
      this.mesh = new Mesh(settings, id, random.split());
    }

    void input(Input input) {
      for (Output output : mesh.step(now, input)) {
        trace.add(now + " " + id.abbreviated() + " " + text(output));
        outputs.add(output);
        carryOut(output);
      }
    }

    private void carryOut(Output output) {
      switch (output) {
        case Output.Send send ->
            send.links().forEach(link -> transmit(ends.get(link), send.message()));
        case Output.Dial dial -> {
          dialTimes.add(now);
          in(LATENCY, () -> dialled(dial));
        }
        case Output.Close close -> cut(ends.get(close.link()), close.reason());
        case Output.Verify verify ->
            in(
                0,
                () ->
                    input(
                        refuses
                            .apply(verify.event())
                            .map(why -> refused(verify.link(), verify.event(), verify.route(), why))
                            .orElseGet(
                                () ->
                                    new Input.EventVerified(
                                        verify.link(),
                                        verify.deliverer(),
                                        verify.event(),
                                        isBare(verify.event()),
                                        verify.route()))));
        case Output.Store store ->
            in(
                0,
                () -> {
                  EventId key = store.event().key(store.bare());
                  if (!stored.add(key)) {
                    input(
                        refused(
                            store.link(), store.event(), store.route(), Input.Refusal.DUPLICATE));
                  } else {
                    events.put(key, store.event());
                    input(
                        new Input.EventStored(
                            Optional.of(store.link()), key, store.event(), store.route()));
                  }
                });
        case Output.VerifyPeers verify ->
            in(0, () -> input(new Input.PeersVerified(verify.link(), verify.records())));
        case Output.SetTimer set -> {
          timer = set.atNanos();
          in(
              timer - now,
              () -> {
                if (timer <= now) {
                  timer = Long.MAX_VALUE;
                  input(new Input.Tick(wallTime().toEpochMilli()));
                }
              });
        }
        case Output.Lookup lookup ->
            in(
                0,
                () ->
                    input(
                        new Input.Missing(
                            lookup.link(),
                            lookup.events().stream()
                                .filter(e -> !stored.contains(e.key()))
                                .toList(),
                            lookup.late())));
        case Output.Deliver deliver -> deliver(deliver);
        case Output.Replay _,
            Output.Penalise _,
            Output.Remember _,
            Output.RememberAll _,
            Output.VerifyUnusual _,
            Output.Ignore _,
            Output.CaughtUp _ -> {}
      }
    }

    private void deliver(Output.Deliver deliver) {
      List<Message> found = new ArrayList<>();
      for (Message.Announced event : deliver.events()) {
        SignedEvent held = events.get(event.key());
        if (held != null) {
          found.add(new Message.Event(held, event.hops() + 1));
        }
      }
      End end = ends.get(deliver.link());
      if (deliver.late() && dripNanos > 0) {
        for (int i = 0; i < found.size(); i++) {
          Message one = new Message.Events(List.of(found.get(i)));
          in(i * dripNanos, () -> transmit(end, one));
        }
      } else if (deliver.late() && uploadsPerSecond < Integer.MAX_VALUE) {
        uploads.computeIfAbsent(deliver.link(), _ -> new ArrayDeque<>()).addAll(found);
        if (!uploading) {
          uploading = true;
          upload();
        }
      } else if (deliver.late()) {
        transmit(end, new Message.Events(found));
      } else {
        found.forEach(event -> transmit(end, event));
      }
    }

    /** Links take turns, as a node's uploads do. */
    private void upload() {
      uploads.entrySet().removeIf(e -> e.getValue().isEmpty() || !ends.containsKey(e.getKey()));
      uploading = !uploads.isEmpty();
      if (uploading) {
        Map.Entry<LinkId, Deque<Message>> turn = uploads.entrySet().iterator().next();
        uploads.remove(turn.getKey());
        List<Message> some = new ArrayList<>();
        while (some.size() < TURN && !turn.getValue().isEmpty()) {
          some.add(turn.getValue().remove());
        }
        uploads.put(turn.getKey(), turn.getValue());
        transmit(ends.get(turn.getKey()), new Message.Events(some));
        in(some.size() * 1_000_000_000L / uploadsPerSecond, this::upload);
      }
    }

    private void dialled(Output.Dial dial) {
      Node target = nodes.get(dial.address());
      if (target == null || !target.answers) {
        input(new Input.DialFailed(dial.address(), "nobody answers", false));
      } else if (dial.policy() instanceof DialPolicy.OnlyNode(NodeId expected)
          && !expected.equals(target.id)) {
        input(new Input.DialFailed(dial.address(), "somebody else answers", false));
      } else {
        link(this, target, dial.address());
      }
    }

    PeerId peer() {
      return new PeerId.Node(id);
    }

    void report(SignedEvent event) {
      stored(event, Route.NONE);
    }

    void imports(SignedEvent event) {
      stored(event, Route.IMPORTED);
    }

    /** Has these, and no others, from before it began; the mesh compares them. */
    void has(List<SignedEvent> held) {
      List<Input.Item> items = new ArrayList<>();
      for (SignedEvent event : held) {
        stored.add(event.claimedId());
        events.put(event.claimedId(), event);
        items.add(
            new Input.Item(event.time().orElseThrow().instant().toEpochMilli(), event.claimedId()));
      }
      input(new Input.SetLoaded(items, true));
    }

    private void stored(SignedEvent event, Route route) {
      stored.add(event.claimedId());
      events.put(event.claimedId(), event);
      input(new Input.EventStored(Optional.empty(), event.claimedId(), event, route));
    }

    /** Its end of the link with another. */
    End end(Node other) {
      return ends.values().stream().filter(e -> e.other.node == other).findFirst().orElseThrow();
    }

    /** The other's message arrives now. */
    void receive(Node from, Message message) {
      input(new Input.Received(end(from).id, message));
    }

    void knows(Node other) {
      input(new Input.AddAddress(other.address, AddressOrigin.OPERATOR, Optional.empty()));
    }

    List<MeshSnapshot.LinkState> links() {
      return mesh.snapshot().links();
    }

    List<NodeId> peers() {
      return links().stream().flatMap(link -> link.peer().node().stream()).toList();
    }

    <T extends Output> List<T> outputs(Class<T> type) {
      return outputs.stream().filter(type::isInstance).map(type::cast).toList();
    }

    long sent(Class<? extends Message> type) {
      return outputs(Output.Send.class).stream()
          .filter(send -> type.isInstance(send.message()))
          .mapToLong(send -> send.links().size())
          .sum();
    }
  }

  Node node(String hexDigit, String host) {
    return node(new NodeId(hexDigit.repeat(64)), host, SETTINGS);
  }

  /** A node that takes part in membership and broadcast. */
  Node full(String hexDigit, String host) {
    Node node = new Node(new NodeId(hexDigit.repeat(64)), new HostPort(host, 9001), SETTINGS);
    node.capabilities = Mesh.CAPABILITIES;
    nodes.put(node.address, node);
    node.input(new Input.Tick(wallTime().toEpochMilli()));
    return node;
  }

  Node node(NodeId id, String host, MeshSettings settings) {
    Node node = new Node(id, new HostPort(host, 9001), settings);
    nodes.put(node.address, node);
    node.input(new Input.Tick(wallTime().toEpochMilli()));
    return node;
  }

  /** A link comes up; returns the dialler's end. */
  End link(Node dialler, Node acceptor, HostPort address) {
    End near = connect(dialler, acceptor);
    in(
        LATENCY,
        () -> {
          acceptor.input(up(near.other, dialler, Optional.empty()));
          dialler.input(up(near, acceptor, Optional.of(address)));
        });
    return near;
  }

  /** Two links come up, in one order at the dialler and in the other one at the acceptor. */
  List<End> crossed(Node dialler, Node acceptor, HostPort one, HostPort other) {
    End first = connect(dialler, acceptor);
    End second = connect(dialler, acceptor);
    in(
        LATENCY,
        () -> {
          dialler.input(up(first, acceptor, Optional.of(one)));
          acceptor.input(up(second.other, dialler, Optional.empty()));
          dialler.input(up(second, acceptor, Optional.of(other)));
          acceptor.input(up(first.other, dialler, Optional.empty()));
        });
    return List.of(first, second);
  }

  private static End connect(Node dialler, Node acceptor) {
    End near = new End(dialler, new LinkId(++dialler.links));
    End far = new End(acceptor, new LinkId(++acceptor.links));
    near.other = far;
    far.other = near;
    dialler.ends.put(near.id, near);
    acceptor.ends.put(far.id, far);
    return near;
  }

  private static boolean isBare(SignedEvent event) {
    return event.details().isEmpty() && !event.idMatches();
  }

  private static Input refused(LinkId link, SignedEvent event, Route route, Input.Refusal why) {
    return new Input.EventRefused(link, event, event.ownKey(), route, why);
  }

  private static Input.LinkUp up(End end, Node peer, Optional<HostPort> dialled) {
    return new Input.LinkUp(
        end.id,
        peer.peer(),
        dialled,
        peer.address.host(),
        peer.address.port(),
        "test",
        peer.capabilities);
  }

  private void transmit(@Nullable End end, Message message) {
    if (end != null && end.open) {
      in(
          LATENCY,
          () -> {
            if (end.other.open
                && !end.other.deaf
                && !(end.other.aloof
                    && (message instanceof Message.Digest
                        || message instanceof Message.Reconcile))) {
              end.other.node.input(new Input.Received(end.other.id, message));
            }
          });
    }
  }

  void cut(@Nullable End end, String reason) {
    if (end != null && end.open) {
      end.open = false;
      end.other.open = false;
      in(0, () -> down(end, reason));
      in(LATENCY, () -> down(end.other, "closed by the peer"));
    }
  }

  private static void down(End end, String reason) {
    end.node.ends.remove(end.id);
    end.node.input(new Input.LinkDown(end.id, reason));
  }

  private void in(long nanos, Runnable action) {
    due.add(new Due(now + Math.max(0, nanos), order++, action));
  }

  long now() {
    return now;
  }

  /** What the wall clock of all says. */
  Instant wallTime() {
    return Instant.ofEpochMilli(now / 1_000_000).plus(wallAhead);
  }

  /** The wall clock of all is set ahead. */
  void setAhead(Duration ahead) {
    wallAhead = ahead;
  }

  /** From now on a node has a rate for the old events that it sends. */
  void limitUploads(int eventsPerSecond) {
    uploadsPerSecond = eventsPerSecond;
  }

  /** So many nodes that all know each other, when one of them is the root of the tree. */
  List<Node> clique(int size) {
    List<Node> made = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      made.add(full("%x".formatted(i + 1), "192.168.0." + (i + 1)));
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < i; j++) {
        made.get(i).knows(made.get(j));
      }
    }
    run(Duration.ofSeconds(40));
    return made;
  }

  void run(Duration duration) {
    long end = now + duration.toNanos();
    while (!due.isEmpty() && due.peek().at() <= end) {
      Due next = due.remove();
      now = Math.max(now, next.at());
      next.action().run();
    }
    now = end;
  }

  private static String text(Output output) {
    return output instanceof Output.Send send && send.message() instanceof Message.Event event
        ? "Event " + send.links() + event.event().claimedId() + event.hops()
        : output.toString().replaceAll("@[0-9a-f]+", "");
  }
}
