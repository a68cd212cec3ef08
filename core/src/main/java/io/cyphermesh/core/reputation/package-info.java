/**
 * What peers' deeds are worth, and when a peer is banned (wire-protocol 4).
 *
 * <p>Must not know how scores are stored, nor what a link is.
 */
@NullMarked
package io.cyphermesh.core.reputation;

import org.jspecify.annotations.NullMarked;
