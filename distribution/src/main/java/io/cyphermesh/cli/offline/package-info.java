/**
 * Reads the database while no node runs.
 *
 * <p>Must not write anything: the node alone does.
 */
@NullMarked
package io.cyphermesh.cli.offline;

import org.jspecify.annotations.NullMarked;
