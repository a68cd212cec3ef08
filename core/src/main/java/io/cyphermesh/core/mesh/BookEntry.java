package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.IpText;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One address of the book, and what came of it. */
final class BookEntry {
  /** Where in the book an address stands. */
  enum Shelf {
    NONE,
    OPERATOR,
    FRESH,
    TRIED
  }

  final HostPort address;
  final Netgroup group;

  /** The network of whoever told of it first. */
  final Netgroup source;

  final IpText.Scope scope;
  AddressOrigin origin;
  Shelf shelf = Shelf.NONE;
  short bucket;
  Buckets.@Nullable Group among;
  Buckets.@Nullable Teller teller;
  @Nullable NodeId nodeId;
  @Nullable PeerRecord record;

  /** The next address whose record is of the same node; see {@link BookRecords}. */
  @Nullable BookEntry nextOfNode;

  /** Where the first address of a node stands among those to choose from. */
  int position;

  boolean dialling;
  boolean self;

  /** Whether its node says that it is elsewhere by now. */
  boolean moved;

  /** Whether a link to a proven node ever came up. */
  boolean met;

  /** Whether one came up since the book was last saved. */
  boolean metSinceSaved;

  /** Failed dials and lost links in a row, for the pauses between dials. */
  int failures;

  /** Failed dials in a row, as far as others were reached between them. */
  int misses;

  /** How many links had come up anywhere when it was last missed. */
  int missedAfter = -1;

  long nextDial;
  @Nullable String lastError;

  BookEntry(HostPort address, AddressOrigin origin, Netgroup group, Netgroup source) {
    this.address = address;
    this.origin = origin;
    this.group = group;
    this.source = source;
    this.scope = IpText.bits(address.host()).map(IpText.Bits::scope).orElse(IpText.Scope.NEVER);
  }

  boolean operators() {
    return shelf == Shelf.OPERATOR;
  }

  Optional<NodeId> node() {
    return Optional.ofNullable(nodeId);
  }

  boolean isV4() {
    return address.host().indexOf(':') < 0;
  }

  /** Whether others may be told of it. */
  boolean tellable(boolean privateNetwork) {
    return switch (scope) {
      case GLOBAL -> true;
      case PRIVATE -> privateNetwork;
      case NEVER -> false;
    };
  }
}
