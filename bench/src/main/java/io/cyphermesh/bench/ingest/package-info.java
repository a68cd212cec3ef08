/**
 * How fast a whole node takes events in
 *
 * <p>a load process, a node process, and what both cost.:The node is known by its launcher, its
 * REST interface and the protocol alone.
 */
@NullMarked
package io.cyphermesh.bench.ingest;

import org.jspecify.annotations.NullMarked;
