/**
 * A node in one file: taken while it runs, and put back where none runs.
 *
 * <p>Must not know of commands, nor what a database holds.
 */
@NullMarked
package io.cyphermesh.cli.backup;

import org.jspecify.annotations.NullMarked;
