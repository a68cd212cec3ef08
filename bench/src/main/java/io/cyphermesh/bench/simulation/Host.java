package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A machine with an address and a key, and what runs on it. */
final class Host {
  /** What answers at a host's address. */
  enum State {
    RUNNING,
    /** The machine runs, the process does not: dials are refused. */
    STOPPED,
    /** Nothing answers. */
    GONE
  }

  final int number;
  final ReporterKey key;
  final NodeId id;
  final PeerId peer;
  final HostPort address;
  final PeerRecord record;

  /** Its open links. */
  final Map<LinkId, End> ends = new LinkedHashMap<>();

  State state = State.STOPPED;

  /** What it says in its HELLO that it can do. */
  Set<String> capabilities = Set.of();

  /** What its clock is ahead, in milliseconds. */
  long skewMillis;

  /** Whether it reads what arrives. */
  boolean reads = true;

  /** Until when its line is busy with what it sent. */
  long lineFree;

  /** Bytes a second that it can send; 0: no limit. */
  long bytesPerSecond;

  /** Bytes that it sent. */
  long sent;

  private @Nullable Actor actor;
  private int links;

  /** By a link's number: its end, while it is open. */
  private @Nullable End[] byNumber = new End[32];

  /** When a tick is wanted. */
  long timer = Long.MAX_VALUE;

  /** The earliest tick in the agenda. */
  long timerQueued = Long.MAX_VALUE;

  Host(int number, ReporterKey key, HostPort address) {
    this.number = number;
    this.key = key;
    this.id = key.nodeId();
    this.peer = new PeerId.Node(id);
    this.address = address;
    this.record = Identities.record(key, address, 1);
  }

  LinkId nextLink() {
    return new LinkId(++links);
  }

  void open(End end) {
    if (byNumber.length <= links) {
      byNumber = Arrays.copyOf(byNumber, 2 * links);
    }
    byNumber[(int) end.id.number()] = end;
    ends.put(end.id, end);
  }

  void closed(End end) {
    byNumber[(int) end.id.number()] = null;
    ends.remove(end.id);
  }

  void allClosed() {
    Arrays.fill(byNumber, null);
    ends.clear();
  }

  /** The open end of that name: as {@link #ends} has it, but sooner. */
  @Nullable End end(LinkId id) {
    return byNumber[(int) id.number()];
  }

  Actor actor() {
    if (actor == null) {
      throw new IllegalStateException("nothing runs on host " + number);
    }
    return actor;
  }

  /** Starts something on it. */
  void run(Actor program) {
    actor = program;
    state = State.RUNNING;
  }

  boolean running() {
    return state == State.RUNNING;
  }

  @Override
  public String toString() {
    return "node " + number;
  }
}
