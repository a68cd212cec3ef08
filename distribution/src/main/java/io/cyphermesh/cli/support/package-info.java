/**
 * What somebody who helps needs to know of a node, without its secrets.
 *
 * <p>Must not know of commands. Nothing leaves it that has not passed {@link
 * io.cyphermesh.cli.support.Scrubber}.
 */
@NullMarked
package io.cyphermesh.cli.support;

import org.jspecify.annotations.NullMarked;
