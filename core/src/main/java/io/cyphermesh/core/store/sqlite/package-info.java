/**
 * The embedded store: one SQLite file, one writer thread that groups what is waiting into one
 * transaction, a few read-only connections.
 *
 * <p>Reached only from the composition root. Must not know links, plugins or how an event is
 * judged.
 */
@NullMarked
package io.cyphermesh.core.store.sqlite;

import org.jspecify.annotations.NullMarked;
