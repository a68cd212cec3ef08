/**
 * Finds peers on the LAN: broadcasts that this node is there, and hears others say so.
 *
 * <p>Must not know what a link is, whom the node dials, or anything of the node but its api.
 */
@NullMarked
package io.cyphermesh.discovery.lan;

import org.jspecify.annotations.NullMarked;
