/**
 * Who a node is: key pair, node id, canonical form, signing, verifying, TLS.
 *
 * <p>Private keys are used in {@link io.cyphermesh.core.identity.NodeIdentity} alone. Must not know
 * events' meaning, peers or storage.
 */
@NullMarked
package io.cyphermesh.core.identity;

import org.jspecify.annotations.NullMarked;
