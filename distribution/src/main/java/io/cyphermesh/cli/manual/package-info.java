/**
 * What shells and readers of manual pages are told of the commands, written from the commands.
 *
 * <p>It must not know what a command does.
 */
@NullMarked
package io.cyphermesh.cli.manual;

import org.jspecify.annotations.NullMarked;
