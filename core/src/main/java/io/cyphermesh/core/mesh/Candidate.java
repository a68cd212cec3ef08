package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import java.util.Optional;

/**
 * An address that may be dialled now.
 *
 * @param nodeId who was met there, or is said to be there
 * @param group its network
 * @param tried whether a link came up there
 */
record Candidate(HostPort address, Optional<NodeId> nodeId, Netgroup group, boolean tried) {}
