/**
 * Checks events in a file, offline.
 *
 * <p>Must not know of any node: what is checked is the event's own id and signature.
 */
@NullMarked
package io.cyphermesh.cli.verify;

import org.jspecify.annotations.NullMarked;
