package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Which address of the book holds which node's own record, and which of them are told. */
final class BookRecords {
  /** Most addresses of one node that are held: one key must not fill the book. */
  static final int MOST_OF_NODE = 4;

  /** The first address of each node; {@link BookEntry#nextOfNode} leads on to its others. */
  private final Table<NodeId, BookEntry> firsts = new Table<>(BookRecords::holder);

  /** The same, to choose from; its order means nothing. */
  private final List<BookEntry> drawn = new ArrayList<>();

  private final Map<HostPort, PeerRecord> own = new TreeMap<>(AddressBook.ORDER);
  private final RandomGenerator random;

  BookRecords(RandomGenerator random) {
    this.random = random;
  }

  void own(PeerRecord record) {
    own.put(record.address(), record);
  }

  private static NodeId holder(BookEntry entry) {
    PeerRecord record = entry.record;
    if (record == null) {
      throw new IllegalStateException(entry.address + " has no record");
    }
    return record.nodeId();
  }

  /** The first of the addresses that hold a record of a node. */
  @Nullable BookEntry first(NodeId node) {
    return firsts.get(node);
  }

  /** The addresses that hold a record of a node, at this moment. */
  List<BookEntry> of(NodeId node) {
    List<BookEntry> all = new ArrayList<>(MOST_OF_NODE);
    for (BookEntry entry = first(node); entry != null; entry = entry.nextOfNode) {
      all.add(entry);
    }
    return all;
  }

  void set(BookEntry entry, PeerRecord record) {
    clear(entry);
    entry.record = record;
    BookEntry last = firsts.get(record.nodeId());
    if (last == null) {
      firsts.put(entry);
      entry.position = drawn.size();
      drawn.add(entry);
      return;
    }
    while (last.nextOfNode != null) {
      last = last.nextOfNode;
    }
    last.nextOfNode = entry;
  }

  void clear(BookEntry entry) {
    PeerRecord record = entry.record;
    if (record == null) {
      return;
    }
    BookEntry before = firsts.get(record.nodeId());
    BookEntry next = entry.nextOfNode;
    if (before != entry) {
      while (before != null && before.nextOfNode != entry) {
        before = before.nextOfNode;
      }
      if (before != null) {
        before.nextOfNode = next;
      }
    } else if (next != null) {
      firsts.put(next);
      move(next, entry.position);
    } else {
      firsts.remove(record.nodeId());
      move(drawn.getLast(), entry.position);
      drawn.removeLast();
    }
    entry.nextOfNode = null;
    entry.record = null;
  }

  private void move(BookEntry first, int position) {
    drawn.set(position, first);
    first.position = position;
  }

  /** Public addresses of one family are one place; private networks may be several. */
  static boolean samePlace(BookEntry one, BookEntry other) {
    return one.scope == IpText.Scope.GLOBAL
        && other.scope == IpText.Scope.GLOBAL
        && one.isV4() == other.isV4();
  }

  /** A node's newest record, a public address before a private one. */
  Optional<PeerRecord> newest(NodeId node, boolean privateNetwork) {
    return newest(first(node), privateNetwork);
  }

  private static Optional<PeerRecord> newest(@Nullable BookEntry first, boolean privateNetwork) {
    PeerRecord best = null;
    boolean bestIsPublic = false;
    for (BookEntry entry = first; entry != null; entry = entry.nextOfNode) {
      PeerRecord record = entry.record;
      boolean isPublic = entry.scope == IpText.Scope.GLOBAL;
      if (record != null
          && entry.tellable(privateNetwork)
          && (best == null
              || (isPublic && !bestIsPublic)
              || (isPublic == bestIsPublic && record.seq() > best.seq()))) {
        best = record;
        bestIsPublic = isPublic;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Our own records that may be told over a link. */
  List<PeerRecord> own(boolean privateNetwork) {
    return own.values().stream().filter(r -> tellable(r, privateNetwork)).toList();
  }

  /** Whether a record may be told over a link. */
  static boolean tellable(PeerRecord record, boolean privateNetwork) {
    return switch (IpText.bits(record.address().host())
        .map(IpText.Bits::scope)
        .orElse(IpText.Scope.NEVER)) {
      case GLOBAL -> true;
      case PRIVATE -> privateNetwork;
      case NEVER -> false;
    };
  }

  /** At most {@code count} records of others, by chance, no two of one node. */
  List<PeerRecord> sample(int count, boolean privateNetwork) {
    List<PeerRecord> sample = new ArrayList<>();
    for (int left = drawn.size(); left > 0 && sample.size() < count; left--) {
      int at = random.nextInt(left);
      BookEntry first = drawn.get(at);
      move(drawn.get(left - 1), at);
      move(first, left - 1);
      newest(first, privateNetwork).ifPresent(sample::add);
    }
    return sample;
  }
}
