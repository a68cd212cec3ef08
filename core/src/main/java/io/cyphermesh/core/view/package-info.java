/**
 * Read-only queries and the live feed that the dashboard and the command line use.
 *
 * <p>Must not know how anything is stored or sent, and offers nothing that changes the node.
 */
@NullMarked
package io.cyphermesh.core.view;

import org.jspecify.annotations.NullMarked;
