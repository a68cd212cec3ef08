/**
 * What stands on the wire: strict JSON, events, messages, frames. Bytes to records and back.
 *
 * <p>Pure: must not know sockets, threads, clocks or storage.
 */
@NullMarked
package io.cyphermesh.core.protocol;

import org.jspecify.annotations.NullMarked;
