/**
 * How quick searches and statistics are in a store of millions of events while more arrive.
 *
 * <p>Must not know the node around the store.
 */
@NullMarked
package io.cyphermesh.bench.queries;

import org.jspecify.annotations.NullMarked;
