/**
 * The data directory as the program sees it: which file lies where, who holds it, what may be
 * deleted.
 *
 * <p>Must not know what the node keeps inside its files.
 */
@NullMarked
package io.cyphermesh.cli.data;

import org.jspecify.annotations.NullMarked;
