/**
 * A node as a process: logging, the node and its dashboard, an orderly stop.
 *
 * <p>Must not know arguments or settings' sources, only their outcome.
 */
@NullMarked
package io.cyphermesh.cli.node;

import org.jspecify.annotations.NullMarked;
