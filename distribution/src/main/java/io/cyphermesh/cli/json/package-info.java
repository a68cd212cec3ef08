/**
 * JSON as the command line reads and prints it.
 *
 * <p>Must not know what any document means.
 */
@NullMarked
package io.cyphermesh.cli.json;

import org.jspecify.annotations.NullMarked;
