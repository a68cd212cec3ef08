/**
 * Links to peers: their HELLO, their rates, what waits to be sent, and their end.
 *
 * <p>Must not know what a message means to the mesh, how an event is judged, or how bytes cross the
 * network.
 */
@NullMarked
package io.cyphermesh.core.peer;

import org.jspecify.annotations.NullMarked;
