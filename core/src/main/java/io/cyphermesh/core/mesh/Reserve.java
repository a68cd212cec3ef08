package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The passive view: a small random sample of the network, from which neighbours are taken. Of one
 * network it holds no more addresses than may be dialled in it: whoever has thousands in a few
 * networks would fill it otherwise.
 */
final class Reserve {
  private final int capacity;
  private final NodeId self;
  private final RandomGenerator random;
  private final int perGroup;
  private final List<PeerRecord> records = new ArrayList<>();

  /** By the place of its record: its network. */
  private final List<Netgroup> networks = new ArrayList<>();

  /** By place: hashes of node and network, so that few of those are looked at. */
  private final int[] nodeHashes;

  private final int[] networkHashes;

  Reserve(int capacity, int perGroup, NodeId self, RandomGenerator random) {
    this.capacity = capacity;
    this.nodeHashes = new int[capacity];
    this.networkHashes = new int[capacity];
    this.perGroup = perGroup;
    this.self = self;
    this.random = random;
  }

  /**
   * Takes a record in; in a full reserve a random one gives way.
   *
   * @param network that of its address
   */
  void add(PeerRecord record, Netgroup network) {
    if (record.nodeId().equals(self) || capacity == 0) {
      return;
    }
    int hash = record.nodeId().hashCode();
    for (int i = 0; i < records.size(); i++) {
      if (nodeHashes[i] == hash && records.get(i).nodeId().equals(record.nodeId())) {
        if (records.get(i).seq() < record.seq()) {
          set(i, record, network);
        }
        return;
      }
    }
    int rival = rival(network);
    if (rival >= 0) {
      // Neither the first to be heard of nor the last has it for good.
      if (random.nextBoolean()) {
        set(rival, record, network);
      }
    } else if (records.size() < capacity) {
      records.add(record);
      networks.add(network);
      set(records.size() - 1, record, network);
    } else {
      set(random.nextInt(capacity), record, network);
    }
  }

  private void set(int place, PeerRecord record, Netgroup network) {
    records.set(place, record);
    networks.set(place, network);
    nodeHashes[place] = record.nodeId().hashCode();
    networkHashes[place] = network.hashCode();
  }

  /** Where one of the same network stands, if there are as many of it as may be; else -1. */
  private int rival(Netgroup network) {
    if (network.exempt()) {
      return -1;
    }
    int hash = network.hashCode();
    int same = 0;
    int last = -1;
    for (int i = 0; i < networks.size(); i++) {
      if (networkHashes[i] == hash && networks.get(i).equals(network)) {
        same++;
        last = i;
      }
    }
    return same >= perGroup ? last : -1;
  }

  void remove(NodeId node) {
    int hash = node.hashCode();
    removeIf(i -> nodeHashes[i] == hash && records.get(i).nodeId().equals(node));
  }

  void remove(HostPort address) {
    removeIf(i -> records.get(i).address().equals(address));
  }

  private void removeIf(IntPredicate unwanted) {
    for (int i = records.size() - 1; i >= 0; i--) {
      if (unwanted.test(i)) {
        records.remove(i);
        networks.remove(i);
        System.arraycopy(nodeHashes, i + 1, nodeHashes, i, records.size() - i);
        System.arraycopy(networkHashes, i + 1, networkHashes, i, records.size() - i);
      }
    }
  }

  /** A random one of those that will do. */
  Optional<PeerRecord> pick(Predicate<PeerRecord> usable) {
    int size = records.size();
    int start = size == 0 ? 0 : random.nextInt(size);
    for (int i = 0; i < size; i++) {
      PeerRecord record = records.get((start + i) % size);
      if (usable.test(record)) {
        return Optional.of(record);
      }
    }
    return Optional.empty();
  }

  /** At most {@code count} at random. */
  List<PeerRecord> sample(int count) {
    List<PeerRecord> left = new ArrayList<>(records);
    List<PeerRecord> sample = new ArrayList<>();
    while (sample.size() < count && !left.isEmpty()) {
      int index = random.nextInt(left.size());
      sample.add(left.get(index));
      left.set(index, left.getLast());
      left.removeLast();
    }
    return sample;
  }

  List<NodeId> nodes() {
    return records.stream().map(PeerRecord::nodeId).toList();
  }
}
