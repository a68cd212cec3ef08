/**
 * The append-only log of events with its queries, and what is kept beside it: scores, checkpoints,
 * addresses.
 *
 * <p>Must not know links, plugins or how an event is judged.
 */
@NullMarked
package io.cyphermesh.core.store;

import org.jspecify.annotations.NullMarked;
