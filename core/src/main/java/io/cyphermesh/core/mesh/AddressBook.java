package io.cyphermesh.core.mesh;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.mesh.BookEntry.Shelf;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where other nodes may listen, when to dial them, and what to tell others of them.
 *
 * <p>What the operator named is kept and dialled always. All else stands in one of two tables of
 * bounded size: <em>fresh</em> while we were only told of it, <em>tried</em> once a link came up
 * there (Heilman et al., <em>Eclipse Attacks on Bitcoin's Peer-to-Peer Network</em>, USENIX
 * Security 2015).
 */
final class AddressBook {
  static final Comparator<HostPort> ORDER = AddressBook::compare;
  private static final Comparator<BookEntry> BY_ADDRESS = (a, b) -> compare(a.address, b.address);

  private static final int MAX_DOUBLINGS = 30;

  /** So often in a row nobody was there while others were reached: it is forgotten. */
  private static final int LAST_MISS = 10;

  /** The same where nobody was ever met: it is not remembered beyond a restart. */
  private static final int LAST_MISS_OF_FRESH = 3;

  private final MeshSettings settings;
  private final Netgroups netgroups;
  private final RandomGenerator random;
  private final Table<HostPort, BookEntry> entries = new Table<>(entry -> entry.address);
  private final Map<HostPort, BookEntry> operators = new TreeMap<>(ORDER);
  private final FreshAddresses fresh;
  private final TriedAddresses tried;
  private final Challenges challenges = new Challenges();
  private final BookRecords records;
  private final Set<HostPort> anchors = new LinkedHashSet<>();
  private int linksUp;

  /**
   * An empty book.
   *
   * @param random also what makes the buckets of this book its secret
   */
  AddressBook(MeshSettings settings, Netgroups netgroups, BookSize size, RandomGenerator random) {
    this.settings = settings;
    this.netgroups = netgroups;
    this.random = random;
    this.records = new BookRecords(random);
    this.fresh = new FreshAddresses(size, random.nextLong(), this::forgotten);
    this.tried = new TriedAddresses(size, random.nextLong());
  }

  // Asked at each step down each tree of addresses: no chain of comparators.
  private static int compare(HostPort a, HostPort b) {
    int hosts = a.host().compareTo(b.host());
    return hosts != 0 ? hosts : Integer.compare(a.port(), b.port());
  }

  AddressBook(MeshSettings settings, RandomGenerator random) {
    this(settings, Netgroups.DEFAULTS, BookSize.DEFAULTS, random);
  }

  /** Whether {@code host} is a literal address that only neighbours reach. */
  static boolean isPrivateNetwork(String host) {
    return IpText.bits(host).map(bits -> bits.scope() != IpText.Scope.GLOBAL).orElse(false);
  }

  // ---- what is told

  /** Takes an address that the operator, the LAN, a name server or an earlier run named. */
  void add(HostPort address, AddressOrigin origin, Optional<NodeId> nodeId, long now) {
    BookEntry entry = entries.get(address);
    boolean known = entry != null;
    if (entry == null) {
      Netgroup group = netgroups.of(address);
      entry = new BookEntry(address, origin, group, group);
      // Anybody on the LAN can name addresses without end.
      if (!shelve(entry)) {
        return;
      }
    } else {
      entry.origin = entry.origin.or(origin);
      if (origin == AddressOrigin.OPERATOR && !entry.operators()) {
        unshelve(entry);
        shelve(entry);
      }
    }
    // Whoever was there may have a new key since, but only where the old one cannot be reached.
    if (nodeId.isPresent() && (entry.nodeId == null || entry.failures > 0)) {
      believe(entry, nodeId.get());
    }
    // A name server does not know who is up, and is asked again and again.
    if (!known || origin != AddressOrigin.DNS) {
      entry.nextDial = now;
      entry.self = false;
    }
  }

  /** What an earlier run knew; first of all, or it counts less than what was told since. */
  void recall(Remembered remembered, long now) {
    if (entries.get(remembered.address()) != null) {
      return;
    }
    Netgroup group = netgroups.of(remembered.address());
    Netgroup source = remembered.source().flatMap(Netgroup::parse).orElse(group);
    BookEntry entry = new BookEntry(remembered.address(), remembered.origin(), group, source);
    entry.nodeId = remembered.nodeId().orElse(null);
    entry.met = remembered.tried();
    entry.misses = remembered.misses();
    entry.nextDial = now;
    boolean kept;
    if (entry.origin != AddressOrigin.OPERATOR
        && remembered.tried()
        && tried.incumbent(entry).isEmpty()) {
      entries.put(entry);
      tried.put(entry);
      kept = true;
    } else {
      kept = shelve(entry);
    }
    if (kept) {
      remembered
          .record()
          .filter(r -> r.address().equals(entry.address))
          .filter(r -> entry.node().filter(id -> !id.equals(r.nodeId())).isEmpty())
          .ifPresent(record -> records.set(entry, record));
      if (remembered.anchor()) {
        anchors.add(entry.address);
      }
    }
  }

  /** Takes an address out as if nobody had named it; whoever names it again is heard. */
  void forget(HostPort address) {
    BookEntry entry = entries.get(address);
    if (entry != null) {
      forget(entry);
    }
  }

  AddressOrigin origin(HostPort address) {
    BookEntry entry = entries.get(address);
    return entry == null ? AddressOrigin.LEARNED : entry.origin;
  }

  void own(PeerRecord record) {
    records.own(record);
  }

  /**
   * Takes a verified record.
   *
   * @param privateNetwork whether it came over a private link
   * @param source the network of whoever told of it
   * @return the network of the address if it is in the book now, held by this record or another
   *     one; null if it is not
   */
  @Nullable Netgroup learn(PeerRecord record, boolean privateNetwork, Netgroup source) {
    BookEntry entry = entries.get(record.address());
    if (entry == null) {
      entry =
          new BookEntry(
              record.address(), AddressOrigin.LEARNED, netgroups.of(record.address()), source);
      if (!entry.tellable(privateNetwork) || superseded(entry, record) || !shelve(entry)) {
        return null;
      }
    } else if (!entry.tellable(privateNetwork)) {
      return entry.group;
    }
    // Anybody can sign that he is at another's address: he is believed only where nobody else was
    // met or is said to be, or whoever it was cannot be reached.
    if (entry.nodeId != null && !entry.nodeId.equals(record.nodeId())) {
      if (!entry.operators() && entry.failures > 0 && !superseded(entry, record)) {
        hold(entry, record);
        entry.nodeId = record.nodeId();
      }
      return entry.group;
    }
    PeerRecord known = entry.record;
    if ((known == null || !known.key().equals(record.key()) || known.seq() < record.seq())
        && !superseded(entry, record)) {
      hold(entry, record);
      // Nor does a stranger's word keep us from the version 1 node that the LAN told of.
      if (entry.origin.hearsay()) {
        entry.nodeId = record.nodeId();
      }
    }
    return entry.group;
  }

  /** Whether its node has said something newer of where it is, or has addresses enough. */
  private boolean superseded(BookEntry entry, PeerRecord record) {
    int others = 0;
    for (BookEntry other = records.first(record.nodeId());
        other != null;
        other = other.nextOfNode) {
      PeerRecord held = other.record;
      if (other != entry && held != null) {
        others++;
        if (held.seq() > record.seq() && BookRecords.samePlace(other, entry)) {
          return true;
        }
        if (held.seq() < record.seq() && BookRecords.samePlace(other, entry)) {
          others--;
        }
      }
    }
    return others >= BookRecords.MOST_OF_NODE;
  }

  /** Where its node was before, it is no more. */
  private void hold(BookEntry entry, PeerRecord record) {
    for (BookEntry other : records.of(record.nodeId())) {
      PeerRecord held = other.record;
      if (other != entry
          && held != null
          && held.seq() < record.seq()
          && BookRecords.samePlace(other, entry)) {
        if (other.shelf == Shelf.FRESH && !other.dialling) {
          forget(other);
        } else {
          // A link came up there once: a dial says whether there is still somebody.
          records.clear(other);
          other.moved = true;
        }
      }
    }
    entry.moved = false;
    records.set(entry, record);
  }

  /** Somebody else is there than its record says: nobody is told of it any more. */
  private void believe(BookEntry entry, NodeId node) {
    entry.nodeId = node;
    if (entry.record != null && !entry.record.nodeId().equals(node)) {
      records.clear(entry);
    }
  }

  // ---- where it stands

  private boolean shelve(BookEntry entry) {
    if (entry.origin == AddressOrigin.OPERATOR) {
      entry.shelf = Shelf.OPERATOR;
      operators.put(entry.address, entry);
    } else if (!fresh.put(entry)) {
      return false;
    }
    entries.put(entry);
    return true;
  }

  private void unshelve(BookEntry entry) {
    switch (entry.shelf) {
      case OPERATOR -> operators.remove(entry.address);
      case FRESH -> fresh.remove(entry);
      case TRIED -> tried.remove(entry);
      case NONE -> {}
    }
    entry.shelf = Shelf.NONE;
  }

  private void forget(BookEntry entry) {
    unshelve(entry);
    forgotten(entry);
  }

  private void forgotten(BookEntry entry) {
    entries.remove(entry.address);
    records.clear(entry);
    anchors.remove(entry.address);
  }

  /** Moves an address where a link came up to the tried ones, or has the one in its way tested. */
  private void promote(BookEntry entry) {
    if (entry.shelf != Shelf.FRESH) {
      return;
    }
    Optional<BookEntry> incumbent = tried.incumbent(entry);
    if (incumbent.isPresent()) {
      challenges.put(incumbent.get().address, entry.address);
    } else {
      fresh.remove(entry);
      tried.put(entry);
    }
  }

  private void lostChallenge(BookEntry incumbent, HostPort challenger) {
    if (incumbent.shelf == Shelf.TRIED) {
      tried.remove(incumbent);
      if (!fresh.put(incumbent)) {
        forgotten(incumbent);
      }
      BookEntry successor = entries.get(challenger);
      if (successor != null) {
        promote(successor);
      }
    }
  }

  // ---- what came of dials

  /** A link to a node came up. */
  void succeeded(HostPort address, NodeId peer) {
    BookEntry entry = found(address);
    linksUp++;
    believe(entry, peer);
    entry.met = true;
    entry.metSinceSaved = true;
    entry.moved = false;
    challenges.remove(address);
    if (entry.shelf != Shelf.NONE) {
      promote(entry);
    }
  }

  /** A plain link came up: nobody said who is there. */
  void succeededPlain(HostPort address) {
    found(address);
    linksUp++;
  }

  private BookEntry found(HostPort address) {
    BookEntry entry = entries.get(address);
    if (entry == null) {
      Netgroup group = netgroups.of(address);
      entry = new BookEntry(address, AddressOrigin.LEARNED, group, group);
      // Where there is no room it is known for as long as this call lasts.
      shelve(entry);
    }
    entry.dialling = false;
    entry.lastError = null;
    return entry;
  }

  void failed(HostPort address, String reason, boolean self, long now) {
    BookEntry entry = entries.get(address);
    if (entry == null) {
      return;
    }
    entry.self |= self;
    entry.lastError = reason;
    pause(entry, now);
    // With nobody reached, it may well be our own network that is down.
    if (!entry.self && entry.missedAfter < linksUp) {
      entry.missedAfter = linksUp;
      entry.misses++;
    }
    challenges.remove(address).ifPresent(challenger -> lostChallenge(entry, challenger));
    if (!entry.operators()
        && !entry.self
        && entry.shelf != Shelf.NONE
        && (entry.moved || entry.misses >= LAST_MISS)) {
      forget(entry);
    }
  }

  /** A link that had come up is gone. Only one that lasted makes the next dial come soon again. */
  void lost(HostPort address, String reason, long now) {
    BookEntry entry = entries.get(address);
    if (entry != null) {
      entry.lastError = reason;
      pause(entry, now);
    }
  }

  /** Says that a link to {@code address} has lasted. */
  void lasted(HostPort address) {
    BookEntry entry = entries.get(address);
    if (entry != null) {
      failures(entry, 0);
      entry.misses = 0;
    }
  }

  /** A link to {@code address} ends since we want no more of it: nobody failed. */
  void left(HostPort address, long now) {
    BookEntry entry = entries.get(address);
    if (entry != null) {
      lasted(address);
      pause(entry, now);
      failures(entry, 0);
    }
  }

  private void failures(BookEntry entry, int count) {
    if (entry.shelf == Shelf.FRESH) {
      fresh.failures(entry, count);
    } else {
      entry.failures = count;
    }
  }

  private void pause(BookEntry entry, long now) {
    entry.dialling = false;
    long min = settings.dialBackoffMin().toNanos();
    long max = settings.dialBackoffMax().toNanos();
    int doublings = Math.min(entry.failures, MAX_DOUBLINGS);
    // The shift is asked the other way round, since it could overflow.
    long full = min > max >> (doublings + 1) ? max : min << (doublings + 1);
    failures(entry, entry.failures + 1);
    // Half fixed, half by chance: nodes that lost the same peer must not come back in step.
    entry.nextDial = now + full / 2 + random.nextLong(full / 2 + 1);
  }

  // ---- whom to dial

  private static boolean free(BookEntry entry, long now, Taken taken) {
    return !entry.dialling
        && !entry.self
        && entry.nextDial <= now
        && !taken.has(entry.address, entry.node());
  }

  private static Candidate candidate(BookEntry entry) {
    return new Candidate(entry.address, entry.node(), entry.group, entry.shelf == Shelf.TRIED);
  }

  boolean hasOperators() {
    return !operators.isEmpty();
  }

  /** The operator's addresses whose dial is due, with the dials begun. */
  List<Output.Dial> dueOperators(long now, Taken taken) {
    List<Output.Dial> dials = new ArrayList<>();
    for (BookEntry entry : operators.values()) {
      if (free(entry, now, taken)) {
        dials.add(dial(entry));
      }
    }
    return dials;
  }

  /**
   * An address to dial, not the operator's: a tried or a fresh one by even odds, then one network
   * by even odds, so that a crowded one has one voice, then an address in it.
   */
  Optional<Candidate> pick(long now, Taken taken, Predicate<Candidate> usable) {
    Predicate<BookEntry> here = e -> free(e, now, taken) && usable.test(candidate(e));
    boolean triedFirst = tried.size() > 0 && (fresh.size() == 0 || random.nextBoolean());
    Optional<BookEntry> picked = triedFirst ? tried.draw(random, here) : fresh.draw(random, here);
    if (picked.isEmpty()) {
      picked = triedFirst ? fresh.draw(random, here) : tried.draw(random, here);
    }
    return picked.map(AddressBook::candidate);
  }

  /**
   * An address to try out: a tried one that is in another's way, else a fresh one that was never
   * reached.
   */
  Optional<Candidate> feeler(long now, Taken taken) {
    for (HostPort address : challenges.incumbents()) {
      BookEntry entry = entries.get(address);
      if (entry == null || entry.shelf != Shelf.TRIED) {
        challenges.remove(address).map(entries::get).ifPresent(this::promote);
      } else if (taken.linked(address, entry.node())) {
        challenges.remove(address);
      } else if (entry.node().filter(taken.ignored()::contains).isPresent()) {
        challenges.remove(address).ifPresent(other -> lostChallenge(entry, other));
      } else if (free(entry, now, taken)) {
        return Optional.of(candidate(entry));
      }
    }
    return fresh.draw(random, e -> !e.met && free(e, now, taken)).map(AddressBook::candidate);
  }

  /** Names the neighbours that are to be dialled first after a restart, in place of others. */
  void anchor(Set<HostPort> addresses) {
    anchors.clear();
    addresses.stream()
        .filter(address -> entries.get(address) != null)
        .sorted(ORDER)
        .forEach(anchors::add);
  }

  /** The anchors that may be dialled now. */
  List<Candidate> anchors(long now, Taken taken) {
    return anchors.stream()
        .flatMap(address -> Optional.ofNullable(entries.get(address)).stream())
        .filter(entry -> free(entry, now, taken))
        .map(AddressBook::candidate)
        .toList();
  }

  /** Whether an address that need not be in the book may be dialled now. */
  boolean mayDial(HostPort address, Optional<NodeId> node, long now, Taken taken) {
    BookEntry entry = entries.get(address);
    return entry == null ? !taken.has(address, node) : free(entry, now, taken);
  }

  /** Begins the dial of an address of the book. */
  Output.Dial dial(HostPort address) {
    BookEntry entry = entries.get(address);
    if (entry == null) {
      throw new IllegalArgumentException(address + " is not in the book");
    }
    return dial(entry);
  }

  /** Begins the dial of the node that a verified record names, in the book or not. */
  Output.Dial dial(PeerRecord record) {
    BookEntry entry = entries.get(record.address());
    return entry == null
        ? new Output.Dial(record.address(), new DialPolicy.OnlyNode(record.nodeId()))
        : dial(entry);
  }

  private Output.Dial dial(BookEntry entry) {
    entry.dialling = true;
    return new Output.Dial(entry.address, policy(entry));
  }

  /** Where a node is known to be, TLS has succeeded or is said to: nothing plain will do there. */
  private DialPolicy policy(BookEntry entry) {
    if (entry.nodeId == null) {
      return settings.plain().dialled() && !entry.origin.hearsay()
          ? new DialPolicy.AnyNodeElsePlain()
          : new DialPolicy.AnyNode();
    }
    // The operator named a place, not a node: a reinstalled one there is welcome.
    return entry.operators() ? new DialPolicy.AnyNode() : new DialPolicy.OnlyNode(entry.nodeId);
  }

  // ---- what others are told, and what is kept

  /** At most {@code most} records to tell over a link, our own first. */
  List<PeerRecord> records(int most, boolean privateNetwork) {
    List<PeerRecord> all = new ArrayList<>(records.own(privateNetwork));
    if (all.size() > most) {
      return all.subList(0, most);
    }
    all.addAll(records.sample(most - all.size(), privateNetwork));
    return all;
  }

  /** Our own records that may be told over a link. */
  List<PeerRecord> ownRecords(boolean privateNetwork) {
    return records.own(privateNetwork);
  }

  /** At most {@code count} records of others, by chance, no two of one node. */
  List<PeerRecord> sample(int count, boolean privateNetwork) {
    return records.sample(count, privateNetwork);
  }

  /** The newest record of a node that may be told over a link. */
  Optional<PeerRecord> record(NodeId node, boolean privateNetwork) {
    return records.newest(node, privateNetwork);
  }

  /** The network of an address. */
  Netgroup group(HostPort address) {
    return netgroups.of(address);
  }

  /** How many addresses of a network it holds that are not the operator's. */
  int crowd(Netgroup group) {
    return fresh.crowd(group) + tried.crowd(group);
  }

  /** How many addresses it holds that are not the operator's. */
  int size() {
    return fresh.size() + tried.size();
  }

  /**
   * What is worth keeping, in order. The LAN's and name servers' addresses are where somebody was
   * met, the operator's where somebody was met since the last time.
   */
  List<Remembered> toRemember() {
    List<Remembered> kept = new ArrayList<>();
    for (BookEntry entry : entries.sorted(BY_ADDRESS)) {
      boolean worth =
          switch (entry.origin) {
            case OPERATOR -> entry.metSinceSaved || anchors.contains(entry.address);
            case LAN, DNS -> entry.met;
            case LEARNED -> entry.met || entry.misses < LAST_MISS_OF_FRESH;
          };
      if (worth && !entry.self) {
        kept.add(
            new Remembered(
                entry.address,
                entry.origin,
                entry.node(),
                Optional.ofNullable(entry.record),
                Optional.of(entry.source.text()),
                entry.met,
                entry.metSinceSaved,
                anchors.contains(entry.address),
                entry.misses));
        entry.metSinceSaved = false;
      }
    }
    return kept;
  }

  /**
   * The addresses without a link, in order; our own only where the operator named it and waits to
   * see what came of that.
   */
  List<MeshSnapshot.AddressState> unlinked(Set<HostPort> linkedAddresses, Set<NodeId> linkedPeers) {
    return entries.sorted(BY_ADDRESS).stream()
        .filter(e -> (!e.self || e.operators()) && !linkedAddresses.contains(e.address))
        .filter(e -> e.node().filter(linkedPeers::contains).isEmpty())
        .map(
            e ->
                new MeshSnapshot.AddressState(
                    e.address, e.node(), e.origin, e.dialling, Optional.ofNullable(e.lastError)))
        .toList();
  }
}
