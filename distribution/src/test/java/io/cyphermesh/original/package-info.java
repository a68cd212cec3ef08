/**
 * Whole nodes in one process, on true sockets, with an original node written from wire-protocol 1
 * to 4.
 *
 * <p>Must not know the parts inside a node.
 */
@NullMarked
package io.cyphermesh.original;

import org.jspecify.annotations.NullMarked;
