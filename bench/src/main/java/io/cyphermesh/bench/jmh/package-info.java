/**
 * Micro-benchmarks of what every event goes through.
 *
 * <p>Must not know the node around it.
 */
@NullMarked
package io.cyphermesh.bench.jmh;

import org.jspecify.annotations.NullMarked;
