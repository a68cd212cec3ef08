/**
 * Membership and broadcast: a state machine of inputs to outputs.
 *
 * <p>Sans-IO: must not know threads, sockets, clocks, random sources of its own, log files or
 * storage, and iterates over nothing whose order depends on hashes.
 */
@NullMarked
package io.cyphermesh.core.mesh;

import org.jspecify.annotations.NullMarked;
