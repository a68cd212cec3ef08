/**
 * Turns Suricata's EVE alerts into detections: who attacked, with what, how often. Reads files and
 * Unix sockets, each in a detector of its own. Must not know the network beyond those sockets, keep
 * payloads, or ever accuse an address of the operator's own.
 */
@NullMarked
package io.cyphermesh.suricata;

import org.jspecify.annotations.NullMarked;
