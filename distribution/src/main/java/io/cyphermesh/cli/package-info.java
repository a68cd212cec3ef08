/**
 * The command line: one class for each command.
 *
 * <p>A command reads its arguments, asks the package that knows, and prints. It must not know how a
 * node works inside.
 */
@NullMarked
package io.cyphermesh.cli;

import org.jspecify.annotations.NullMarked;
