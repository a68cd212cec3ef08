package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.mesh.LinkRole;
import io.cyphermesh.core.mesh.Mesh;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.mesh.Output;
import io.cyphermesh.core.mesh.Route;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * A node as it is: the core's mesh, with a store that is a set of numbers, and verdicts that are
 * known. Outputs are carried out as the real node does, judging and storing at once.
 */
final class Node implements Actor {
  /** What a node sends of old events: bytes a second, and events in one message. */
  private static final long UPLOADS = 1L << 20;

  private static final int UPLOAD_BYTES = 768 << 10;
  private static final int LOAD = 10_000;

  /** What a base peer is sent of the newest events on a new link. */
  private static final int REPLAYED = 500;

  final Host host;
  private final World world;
  private final Mesh mesh;
  private final BitSet stored;
  private final Verdicts verdicts;
  private final Queue<Input> inbox = new ArrayDeque<>(4);
  private final boolean replays;
  private boolean busy;
  private long uploadsFree;
  private Predicate<Output> filter = _ -> true;
  private BiPredicate<End, Message> intercepted = (_, _) -> false;

  /**
   * A node on a host.
   *
   * @param stored what its store has from before
   */
  Node(World world, Host host, Variant variant, BitSet stored) {
    this.world = world;
    this.host = host;
    this.stored = stored;
    this.verdicts = new Verdicts(world.events, stored);
    this.mesh = new Mesh(variant.settings(), host.id, world.chance());
    host.capabilities = variant.capabilities();
    this.replays = variant.replays();
  }

  /** Begins as a node does: its own record, what it has stored, the first tick. */
  void start() {
    host.run(this);
    step(new Input.OwnRecord(host.record));
    loadStore();
    step(new Input.Tick(wall()));
  }

  private void loadStore() {
    List<Input.Item> items = new ArrayList<>();
    for (int i = stored.nextSetBit(0); i >= 0; i = stored.nextSetBit(i + 1)) {
      Events.Made made = world.events.get(i);
      items.add(new Input.Item(made.millis(), made.key()));
      if (items.size() == LOAD) {
        step(new Input.SetLoaded(items, false));
        items.clear();
      }
    }
    step(new Input.SetLoaded(items, true));
  }

  /** Outputs for which this is false are not carried out, so that a node can be made to lie. */
  void only(Predicate<Output> allowed) {
    filter = allowed;
  }

  /**
   * Messages for which this is true do not come to its mesh, so that they can be answered by lies.
   */
  void intercept(BiPredicate<End, Message> taken) {
    intercepted = taken;
  }

  /** Sends something over all its links, whatever its mesh thinks of it. */
  void sendToAll(Message message) {
    for (End end : List.copyOf(host.ends.values())) {
      world.send(end, message);
    }
  }

  /** Sends over one of its links, the same way. */
  void send(End end, Message message) {
    world.send(end, message);
  }

  /** It is told of another node, by the operator or from before. */
  void knows(Host other, AddressOrigin origin) {
    step(new Input.AddAddress(other.address, origin, Optional.of(other.id)));
  }

  /** It reports an event of its own. */
  Events.Made publish() {
    return publish(world.events.make(host.key, wall(), true));
  }

  Events.Made publish(Events.Made made) {
    stored.set(made.number());
    world.ledger.published(made.number(), world.now());
    step(new Input.EventStored(Optional.empty(), made.key(), made.event(), Route.NONE, true));
    return made;
  }

  /** Numbers of what it has stored. */
  BitSet stored() {
    return stored;
  }

  boolean has(Events.Made made) {
    return stored.get(made.number());
  }

  MeshSnapshot snapshot() {
    return mesh.snapshot();
  }

  /** Hosts of its neighbours. */
  List<Host> neighbours() {
    List<Host> all = new ArrayList<>();
    for (MeshSnapshot.LinkState link : mesh.snapshot().links()) {
      End end = host.end(link.link());
      if (end != null && link.role() == LinkRole.ACTIVE) {
        all.add(end.other.host);
      }
    }
    return all;
  }

  long scoreOf(Host other) {
    return verdicts.score(other.peer);
  }

  boolean ignores(Host other) {
    return verdicts.ignored(other.peer, world.now());
  }

  private long wall() {
    return world.millis() + host.skewMillis;
  }

  // ---- what happens to it

  @Override
  public void linkUp(End end) {
    Host peer = end.other.host;
    step(
        new Input.LinkUp(
            end.id,
            peer.peer,
            end.dialled,
            peer.address.host(),
            peer.address.port(),
            "simulated",
            peer.capabilities));
  }

  @Override
  public void linkDown(End end, String reason) {
    step(new Input.LinkDown(end.id, reason));
  }

  @Override
  public void dialFailed(HostPort address, String reason, boolean self) {
    step(new Input.DialFailed(address, reason, self));
  }

  @Override
  public void received(End end, Message message) {
    if (message instanceof Message.Event event) {
      count(event);
    } else if (message instanceof Message.Events events) {
      events.events().forEach(this::count);
    }
    if (!intercepted.test(end, message)) {
      step(new Input.Received(end.id, message));
    }
  }

  private void count(Message message) {
    if (message instanceof Message.Event event) {
      world
          .events
          .of(event.event().claimedId())
          .ifPresent(made -> world.ledger.copy(made.number()));
    }
  }

  @Override
  public void timer() {
    step(new Input.Tick(wall()));
  }

  /** Hands an input to the mesh; what its outputs lead to at once comes behind all of them. */
  private void step(Input input) {
    inbox.add(input);
    if (busy) {
      return;
    }
    busy = true;
    for (Input next = inbox.poll(); next != null; next = inbox.poll()) {
      List<Output> outputs = mesh.step(world.now(), next);
      for (int i = 0; i < outputs.size(); i++) {
        if (filter.test(outputs.get(i))) {
          carryOut(outputs.get(i));
        }
      }
    }
    busy = false;
  }

  private void carryOut(Output output) {
    switch (output) {
      case Output.Send send -> {
        int bytes = Traffic.bytes(send.message());
        for (int i = 0; i < send.links().size(); i++) {
          End end = host.end(send.links().get(i));
          if (end != null) {
            world.send(end, send.message(), bytes);
          }
        }
      }
      case Output.SetTimer set -> world.setTimer(host, set.atNanos());
      case Output.Verify verify -> verify(verify);
      case Output.Store store -> store(store);
      case Output.Lookup lookup -> lookup(lookup);
      case Output.Deliver deliver -> deliver(deliver);
      case Output.Dial dial -> world.dial(host, dial.address(), dial.policy());
      case Output.Close close -> {
        End end = host.end(close.link());
        if (end != null) {
          world.close(end, close.reason());
        }
      }
      case Output.VerifyPeers verify ->
          step(
              new Input.PeersVerified(
                  verify.link(), verify.records().stream().filter(Identities::signed).toList()));
      case Output.Penalise penalise -> blame(penalise.peer());
      case Output.Replay replay -> replay(replay);
      case Output.Remember _,
          Output.RememberAll _,
          Output.VerifyUnusual _,
          Output.Ignore _,
          Output.CaughtUp _ -> {}
    }
  }

  private void verify(Output.Verify verify) {
    Optional<Events.Made> made = world.events.of(verify.event().claimedId());
    Optional<Input.Refusal> refusal =
        made.isEmpty()
            ? Optional.of(Input.Refusal.REJECTED)
            : verdicts.refusal(made.get(), verify.deliverer(), world.now(), wall());
    if (refusal.isEmpty()) {
      step(
          new Input.EventVerified(
              verify.link(), verify.deliverer(), verify.event(), false, verify.route()));
      return;
    }
    if (refusal.get() == Input.Refusal.REJECTED) {
      blame(verify.deliverer());
    }
    step(refused(verify.link(), verify.event(), verify.route(), refusal.get()));
  }

  private static Input refused(LinkId link, SignedEvent event, Route route, Input.Refusal why) {
    return new Input.EventRefused(link, event, Optional.of(event.claimedId()), route, why);
  }

  private void store(Output.Store store) {
    Events.Made made = world.events.of(store.event().claimedId()).orElseThrow();
    if (stored.get(made.number())) {
      step(refused(store.link(), store.event(), store.route(), Input.Refusal.DUPLICATE));
      return;
    }
    stored.set(made.number());
    world.ledger.stored(made.number(), world.now(), store.route().hops());
    step(
        new Input.EventStored(
            Optional.of(store.link()), made.key(), store.event(), store.route(), false));
  }

  private void blame(PeerId peer) {
    verdicts.blame(peer, world.now()).ifPresent(this::step);
  }

  private void lookup(Output.Lookup lookup) {
    List<Message.Announced> missing = new ArrayList<>();
    for (Message.Announced announced : lookup.events()) {
      if (!hasStored(announced.key())) {
        missing.add(announced);
      }
    }
    step(new Input.Missing(lookup.link(), missing, lookup.late()));
  }

  private boolean hasStored(EventId key) {
    Optional<Events.Made> made = world.events.of(key);
    return made.isPresent() && stored.get(made.get().number());
  }

  private void deliver(Output.Deliver deliver) {
    End end = host.end(deliver.link());
    if (end == null) {
      return;
    }
    List<Message> batch = new ArrayList<>();
    for (Message.Announced announced : deliver.events()) {
      if (!hasStored(announced.key())) {
        continue;
      }
      Message.Event event =
          new Message.Event(
              world.events.of(announced.key()).orElseThrow().event(), announced.hops());
      if (!deliver.late()) {
        world.send(end, event);
        continue;
      }
      batch.add(event);
      if (batch.size() == Message.Want.MAX_KEYS || batch.size() * Traffic.EVENT >= UPLOAD_BYTES) {
        upload(end, batch);
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      upload(end, batch);
    }
  }

  private void upload(End end, List<Message> batch) {
    Message.Events events = new Message.Events(batch);
    long begin = Math.max(world.now(), uploadsFree);
    uploadsFree = begin + Traffic.bytes(events) * 1_000_000_000L / UPLOADS;
    if (begin == world.now()) {
      world.send(end, events);
    } else {
      world.in(begin - world.now(), () -> world.send(end, events));
    }
  }

  /** As the real one catches up on links of nodes that cannot reconcile. */
  private void replay(Output.Replay replay) {
    End end = host.end(replay.link());
    if (end == null || !replays) {
      return;
    }
    List<Events.Made> newest = new ArrayList<>();
    for (int i = stored.length() - 1;
        i >= 0 && newest.size() < REPLAYED;
        i = stored.previousSetBit(i - 1)) {
      newest.add(world.events.get(i));
    }
    newest.reversed().forEach(made -> world.send(end, new Message.Event(made.event(), 1)));
  }
}
