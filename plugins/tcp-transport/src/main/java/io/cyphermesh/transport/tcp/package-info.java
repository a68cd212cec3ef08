/**
 * Peer links over TCP: mutual TLS 1.3, frames behind their length, and what keeps strangers cheap.
 *
 * <p>Must not know what a frame says, whom the node trusts, or anything of the node but its api.
 */
@NullMarked
package io.cyphermesh.transport.tcp;

import org.jspecify.annotations.NullMarked;
