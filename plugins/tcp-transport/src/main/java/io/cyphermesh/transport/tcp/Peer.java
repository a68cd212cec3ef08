package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.NodeId;
import java.security.PublicKey;

/** Who proved to hold which key. */
record Peer(NodeId id, PublicKey key) {}
