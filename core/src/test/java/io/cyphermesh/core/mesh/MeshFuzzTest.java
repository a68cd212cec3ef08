package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.Message.Announced;
import io.cyphermesh.core.protocol.PeerRecord;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Every kind of input in any order, from whatever link. {@code -Dmesh.fuzz.inputs=10000000} is the
 * long form.
 */
class MeshFuzzTest {
  private static final int INPUTS = Integer.getInteger("mesh.fuzz.inputs", 300_000);
  private static final long SEED = Long.getLong("mesh.fuzz.seed", 42);
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");

  /** Most that may be remembered of anything. */
  private static final int BOUND = 70_000;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final List<PeerRecord> records = new ArrayList<>();
  private final List<SignedEvent> events = new ArrayList<>();
  private final List<EventId> ids = new ArrayList<>();
  private final NodeId self = new NodeId("5".repeat(64));
  private final List<LinkId> open = new ArrayList<>();
  private final List<LinkId> closing = new ArrayList<>();
  private final FrameCodec codec = new FrameCodec(() -> TIME, () -> new UUID(1, 2));
  private long links;
  private long now = 1_000_000_000L;
  private long wall = TIME.toEpochMilli();

  @Test
  void noInputThrowsAndNothingGrowsWithoutBound() {
    for (int i = 0; i < 4; i++) {
      TestReporter reporter = TestReporter.create();
      for (int j = 0; j < 12; j++) {
        records.add(
            new PeerRecord(
                new HostPort("198.51." + (100 + i) + "." + j, 9001),
                reporter.key(),
                j,
                new byte[256]));
        SignedEvent event = reporter.event("203.0.113." + j, TIME.plusSeconds(j));
        events.add(event);
        ids.add(event.claimedId());
      }
    }
    Mesh mesh = new Mesh(Net.SETTINGS, self, random.split());
    mesh.step(now, new Input.Tick(wall));
    for (int i = 0; i < INPUTS; i++) {
      long step = random.nextInt(200) == 0 ? random.nextLong(20_000_000_000L) : 1_000_000;
      now += step;
      wall += step / 1_000_000;
      Input input = input();
      try {
        for (Output output : mesh.step(now, input)) {
          switch (output) {
            case Output.Close close -> closing.add(close.link());
            case Output.Send send -> checkForm(send.message());
            default -> {}
          }
        }
        // The end of a link is told sooner or later, and there are no more than its host allows.
        if (!closing.isEmpty() && random.nextInt(3) == 0) {
          LinkId gone = closing.remove(random.nextInt(closing.size()));
          mesh.step(now, new Input.LinkDown(gone, "closed"));
          open.remove(gone);
        }
      } catch (RuntimeException | ProtocolException e) {
        throw new AssertionError("input " + i + " of seed " + SEED + ": " + input, e);
      }
      if (i % 10_000 == 0) {
        mesh.snapshot();
        assertThat(mesh.sizes()).allSatisfy((what, size) -> assertThat(size).isLessThan(BOUND));
      }
    }
  }

  /** Nothing is sent that no peer would take. */
  private void checkForm(Message message) throws ProtocolException {
    switch (message) {
      // Passed on as it came; and what goes over plain links alone.
      case Message.Event _, Message.Heartbeat _ -> {}
      default -> FrameCodec.decode(codec.encode(message));
    }
  }

  private Input input() {
    return switch (random.nextInt(24)) {
      case 0, 1 -> up();
      case 2 -> {
        LinkId gone = link();
        open.remove(gone);
        closing.remove(gone);
        yield new Input.LinkDown(gone, "gone");
      }
      case 3 -> new Input.DialFailed(address(), "nobody", random.nextInt(50) == 0);
      case 4, 5, 6 -> new Input.Tick(wall + random.nextInt(1_000) - 500);
      case 7 -> new Input.EventVerified(link(), peer(), event(), random.nextBoolean(), route());
      case 8 ->
          new Input.EventRefused(
              link(),
              event(),
              random.nextInt(3) == 0 ? Optional.empty() : Optional.of(id()),
              route(),
              one(List.of(Input.Refusal.values())));
      case 9, 10 -> {
        SignedEvent event = event();
        yield new Input.EventStored(
            random.nextInt(5) == 0 ? Optional.empty() : Optional.of(link()),
            random.nextInt(5) == 0 ? id() : event.claimedId(),
            event,
            route(),
            random.nextBoolean());
      }
      case 11 -> new Input.Missing(link(), announced(), random.nextBoolean());
      case 12 -> new Input.PeersVerified(link(), someRecords());
      case 13 ->
          new Input.AddAddress(
              address(),
              one(List.of(AddressOrigin.values())),
              random.nextBoolean() ? Optional.empty() : Optional.of(record().nodeId()));
      case 14 ->
          random.nextInt(20) == 0
              ? new Input.Ignore(peer(), "why not", Optional.of(Duration.ofSeconds(30)))
              : new Input.Restore(peer());
      case 15 ->
          new Input.SetLoaded(
              List.of(new Input.Item(wall - random.nextInt(100_000_000), id())),
              random.nextInt(4) == 0);
      case 16 ->
          new Input.EventsDeleted(
              List.of(new Input.Item(wall - random.nextInt(100_000_000), id())));
      default -> new Input.Received(link(), message());
    };
  }

  private Message message() {
    return switch (random.nextInt(24)) {
      case 0 -> new Message.Ping(number());
      case 1 -> new Message.Pong(random.nextInt(1_000));
      case 2, 3, 4 -> new Message.Event(event(), random.nextInt(300));
      case 5 -> new Message.MalformedEvent("garbage");
      case 6 -> new Message.PeersWanted(100);
      case 7 -> new Message.Peers(someRecords());
      case 8 -> new Message.Join();
      case 9 -> new Message.ForwardJoin(record(), random.nextInt(20));
      case 10 -> new Message.Neighbor(random.nextBoolean());
      case 11 -> new Message.NeighborReply(random.nextBoolean());
      case 12 -> new Message.Disconnect();
      case 13 -> new Message.Shuffle(number(), random.nextInt(20), someRecords());
      case 14 -> new Message.ShuffleReply(random.nextInt(100), someRecords());
      case 15, 16 -> new Message.IHave(announced(), random.nextBoolean());
      case 17 -> new Message.Graft(someIds());
      case 18 ->
          random.nextBoolean()
              ? new Message.Prune()
              : new Message.Beacon(
                  new NodeId("%064x".formatted(random.nextInt(60))),
                  number(),
                  random.nextInt(1_200),
                  random.nextBoolean());
      case 19 -> new Message.Want(someIds());
      case 20 -> new Message.Events(List.of(new Message.Event(event(), 1)));
      case 21 ->
          new Message.Digest(random.nextLong(1L << 40), random.nextLong(1L << 40), bytes(16));
      case 22 -> new Message.Reconcile(bytes(random.nextInt(400)));
      default -> new Message.WantOffered(number(), bytes(1 + random.nextInt(32)));
    };
  }

  private Input up() {
    if (open.size() >= 120) {
      LinkId gone = open.remove(random.nextInt(open.size()));
      closing.remove(gone);
      return new Input.LinkDown(gone, "gone");
    }
    open.add(new LinkId(++links));
    return new Input.LinkUp(
        new LinkId(links),
        peer(),
        random.nextInt(3) == 0 ? Optional.of(address()) : Optional.empty(),
        record().address().host(),
        random.nextInt(65_536),
        "fuzz",
        switch (random.nextInt(4)) {
          case 0 -> Set.of();
          case 1 -> Set.of("hyparview");
          default -> Set.of("hyparview", "plumtree", "rbsr");
        });
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private long number() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> (1L << 53) - 1;
      default -> random.nextInt(1_000);
    };
  }

  private Route route() {
    return new Route(random.nextInt(300), one(List.of(Route.Way.values())));
  }

  private LinkId link() {
    return open.isEmpty() || random.nextInt(20) == 0
        ? new LinkId(random.nextLong(links + 1))
        : open.get(random.nextInt(open.size()));
  }

  private PeerId peer() {
    return random.nextInt(10) == 0
        ? new PeerId.PlainHost("203.0.113." + random.nextInt(20))
        : new PeerId.Node(new NodeId("%064x".formatted(random.nextInt(60))));
  }

  private HostPort address() {
    return record().address();
  }

  private PeerRecord record() {
    return one(records);
  }

  private SignedEvent event() {
    return one(events);
  }

  private EventId id() {
    return random.nextInt(3) == 0
        ? new EventId("%064x".formatted(random.nextLong(1L << 60)))
        : ids.get(random.nextInt(ids.size()));
  }

  private List<EventId> someIds() {
    List<EventId> some = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      some.add(id());
    }
    return some;
  }

  private List<Announced> announced() {
    List<Announced> some = new ArrayList<>();
    for (int i = random.nextInt(12); i > 0; i--) {
      some.add(new Announced(id(), random.nextInt(300)));
    }
    return some;
  }

  private List<PeerRecord> someRecords() {
    List<PeerRecord> some = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      some.add(record());
    }
    return some;
  }
}
