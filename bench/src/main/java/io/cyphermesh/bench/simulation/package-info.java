/**
 * The mesh in virtual time: many nodes, one thread, one seed.
 *
 * <p>Runs {@link io.cyphermesh.core.mesh.Mesh} as it is; network, store, signatures and clocks
 * around it are made up. Must not know sockets, files but for charts, or the clock on the wall.
 */
@NullMarked
package io.cyphermesh.bench.simulation;

import org.jspecify.annotations.NullMarked;
