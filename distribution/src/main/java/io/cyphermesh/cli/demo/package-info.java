/**
 * Two nodes on this machine, a replayed attack log, and what they make of it.
 *
 * <p>Sees its nodes only as any user does: as processes and over REST.
 */
@NullMarked
package io.cyphermesh.cli.demo;

import org.jspecify.annotations.NullMarked;
