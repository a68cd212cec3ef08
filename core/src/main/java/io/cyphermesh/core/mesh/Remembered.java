package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.Optional;

/**
 * What a node knows of an address beyond its own end.
 *
 * @param nodeId who was met there, or is said to be there
 * @param record what that node says of itself
 * @param source the network of whoever told of it, in {@link Netgroup}'s own text
 * @param tried whether a link came up there
 * @param metNow whether one came up since the book was last saved
 * @param anchor whether it is to be dialled first
 * @param misses dials that failed while others were reached
 */
public record Remembered(
    HostPort address,
    AddressOrigin origin,
    Optional<NodeId> nodeId,
    Optional<PeerRecord> record,
    Optional<String> source,
    boolean tried,
    boolean metNow,
    boolean anchor,
    int misses) {}
