package io.cyphermesh.core.mesh;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where other nodes may listen, when to dial them, and what to tell others of them. */
final class AddressBook {
  static final Comparator<HostPort> ORDER =
      Comparator.comparing(HostPort::host).thenComparingInt(HostPort::port);

  /** Most learned addresses; the operator's own are always kept. */
  private static final int MAX_LEARNED = 1_000;

  private static final int MAX_DOUBLINGS = 30;

  private final MeshSettings settings;
  private final RandomGenerator random;
  private final Map<HostPort, Entry> entries = new TreeMap<>(ORDER);
  private final Map<HostPort, PeerRecord> own = new TreeMap<>(ORDER);

  AddressBook(MeshSettings settings, RandomGenerator random) {
    this.settings = settings;
    this.random = random;
  }

  private static final class Entry {
    final HostPort address;
    AddressOrigin origin = AddressOrigin.LEARNED;
    Optional<NodeId> nodeId = Optional.empty();
    @Nullable PeerRecord record;
    boolean dialling;
    boolean self;
    int failures;
    long nextDial;
    Optional<String> lastError = Optional.empty();

    Entry(HostPort address) {
      this.address = address;
    }

    boolean operators() {
      return origin == AddressOrigin.OPERATOR;
    }
  }

  /** Whether {@code host} is a literal address that only neighbours reach. */
  static boolean isPrivateNetwork(String host) {
    return IpText.parse(host).map(a -> IpText.scope(a) != IpText.Scope.GLOBAL).orElse(false);
  }

  void add(HostPort address, AddressOrigin origin, Optional<NodeId> nodeId, long now) {
    // Anybody on the LAN can name addresses without end.
    if (origin != AddressOrigin.OPERATOR && !entries.containsKey(address) && !hasRoom()) {
      return;
    }
    Entry entry = entries.computeIfAbsent(address, Entry::new);
    entry.origin = entry.origin.or(origin);
    // Whoever was there may have a new key since, but only where the old one cannot be reached.
    if (nodeId.isPresent() && (entry.nodeId.isEmpty() || entry.failures > 0)) {
      entry.nodeId = nodeId;
    }
    entry.nextDial = now;
    entry.self = false;
  }

  AddressOrigin origin(HostPort address) {
    Entry entry = entries.get(address);
    return entry == null ? AddressOrigin.LEARNED : entry.origin;
  }

  void own(PeerRecord record) {
    own.put(record.address(), record);
  }

  /** Takes a verified record; {@code privateNetwork} whether it came over a private link. */
  void learn(PeerRecord record, boolean privateNetwork) {
    IpText.Scope scope =
        IpText.parse(record.address().host()).map(IpText::scope).orElse(IpText.Scope.NEVER);
    if (scope == IpText.Scope.NEVER || (scope == IpText.Scope.PRIVATE && !privateNetwork)) {
      return;
    }
    Entry entry = entries.get(record.address());
    if (entry == null) {
      if (!hasRoom()) {
        return;
      }
      entry = new Entry(record.address());
      entries.put(record.address(), entry);
    }
    // Anybody can sign that he is at another's address: he is believed only where nobody else was
    // met or is said to be, or whoever it was cannot be reached.
    if (entry.nodeId.filter(id -> !id.equals(record.nodeId())).isPresent()) {
      if (!entry.operators() && entry.failures > 0) {
        entry.record = record;
        entry.nodeId = Optional.of(record.nodeId());
      }
      return;
    }
    PeerRecord known = entry.record;
    if (known == null || !known.key().equals(record.key()) || known.seq() < record.seq()) {
      entry.record = record;
      // Nor does a stranger's word keep us from the version 1 node that the LAN told of.
      if (entry.origin == AddressOrigin.LEARNED) {
        entry.nodeId = Optional.of(record.nodeId());
      }
    }
  }

  private boolean hasRoom() {
    return entries.size() < MAX_LEARNED || forgetOneThatFailed();
  }

  /** Makes room in a full book; false where every address in it may yet be of use. */
  private boolean forgetOneThatFailed() {
    Optional<Entry> worst =
        entries.values().stream()
            .filter(e -> !e.operators() && !e.self && !e.dialling && e.failures > 0)
            .max(Comparator.comparingInt(e -> e.failures));
    worst.ifPresent(e -> entries.remove(e.address));
    return worst.isPresent();
  }

  void succeeded(HostPort address, NodeId peer) {
    Entry entry = entries.computeIfAbsent(address, Entry::new);
    entry.dialling = false;
    entry.nodeId = Optional.of(peer);
    entry.lastError = Optional.empty();
  }

  /** A plain link came up: nobody said who is there. */
  void succeededPlain(HostPort address) {
    Entry entry = entries.computeIfAbsent(address, Entry::new);
    entry.dialling = false;
    entry.lastError = Optional.empty();
  }

  void failed(HostPort address, String reason, boolean self, long now) {
    Entry entry = entries.get(address);
    if (entry != null) {
      entry.self |= self;
      entry.lastError = Optional.of(reason);
      pause(entry, now);
    }
  }

  /** A link that had come up is gone. Only one that lasted makes the next dial come soon again. */
  void lost(HostPort address, String reason, long now) {
    Entry entry = entries.get(address);
    if (entry != null) {
      entry.lastError = Optional.of(reason);
      pause(entry, now);
    }
  }

  /** Says that a link to {@code address} has lasted. */
  void lasted(HostPort address) {
    Entry entry = entries.get(address);
    if (entry != null) {
      entry.failures = 0;
    }
  }

  private void pause(Entry entry, long now) {
    entry.dialling = false;
    long min = settings.dialBackoffMin().toNanos();
    long max = settings.dialBackoffMax().toNanos();
    int doublings = Math.min(entry.failures, MAX_DOUBLINGS);
    // The shift is asked the other way round, since it could overflow.
    long full = min > max >> (doublings + 1) ? max : min << (doublings + 1);
    entry.failures++;
    // Half fixed, half by chance: nodes that lost the same peer must not come back in step.
    entry.nextDial = now + full / 2 + random.nextLong(full / 2 + 1);
  }

  /** Dials that are due: all of the operator's, and learned ones while {@code wanted} lasts. */
  List<Output.Dial> due(
      long now,
      Set<HostPort> linkedAddresses,
      Set<NodeId> linkedPeers,
      Set<NodeId> ignored,
      long wanted) {
    List<Output.Dial> dials = new ArrayList<>();
    List<Entry> learned = new ArrayList<>();
    long open =
        wanted - entries.values().stream().filter(e -> e.dialling && !e.operators()).count();
    for (Entry entry : entries.values()) {
      boolean due =
          !entry.dialling
              && !entry.self
              && entry.nextDial <= now
              && !linkedAddresses.contains(entry.address)
              && entry
                  .nodeId
                  .filter(id -> linkedPeers.contains(id) || ignored.contains(id))
                  .isEmpty();
      if (due && entry.operators()) {
        dials.add(dial(entry));
      } else if (due) {
        learned.add(entry);
      }
    }
    while (open > 0 && !learned.isEmpty()) {
      dials.add(dial(learned.remove(random.nextInt(learned.size()))));
      open--;
    }
    return dials;
  }

  private Output.Dial dial(Entry entry) {
    entry.dialling = true;
    return new Output.Dial(entry.address, policy(entry));
  }

  /** Where a node is known to be, TLS has succeeded or is said to: nothing plain will do there. */
  private DialPolicy policy(Entry entry) {
    if (entry.nodeId.isEmpty()) {
      return settings.plain().dialled() && entry.origin != AddressOrigin.LEARNED
          ? new DialPolicy.AnyNodeElsePlain()
          : new DialPolicy.AnyNode();
    }
    // The operator named a place, not a node: a reinstalled one there is welcome.
    return entry.operators()
        ? new DialPolicy.AnyNode()
        : new DialPolicy.OnlyNode(entry.nodeId.get());
  }

  /** Records to tell over a link, our own first. */
  List<PeerRecord> records(boolean privateNetwork) {
    List<PeerRecord> all = new ArrayList<>();
    own.values().stream().filter(r -> tellable(r, privateNetwork)).forEach(all::add);
    List<PeerRecord> others = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.record != null && tellable(entry.record, privateNetwork)) {
        others.add(entry.record);
      }
    }
    while (all.size() < Message.Peers.MAX_RECORDS && !others.isEmpty()) {
      all.add(others.remove(random.nextInt(others.size())));
    }
    return all.subList(0, Math.min(all.size(), Message.Peers.MAX_RECORDS));
  }

  private static boolean tellable(PeerRecord record, boolean privateNetwork) {
    return switch (IpText.parse(record.address().host())
        .map(IpText::scope)
        .orElse(IpText.Scope.NEVER)) {
      case GLOBAL -> true;
      case PRIVATE -> privateNetwork;
      case NEVER -> false;
    };
  }

  /** The addresses without a link, in order. */
  List<MeshSnapshot.AddressState> unlinked(Set<HostPort> linkedAddresses, Set<NodeId> linkedPeers) {
    return entries.values().stream()
        .filter(e -> !e.self && !linkedAddresses.contains(e.address))
        .filter(e -> e.nodeId.filter(linkedPeers::contains).isEmpty())
        .map(
            e ->
                new MeshSnapshot.AddressState(
                    e.address, e.nodeId, e.origin, e.dialling, e.lastError))
        .toList();
  }
}
