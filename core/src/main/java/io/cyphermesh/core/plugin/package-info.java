/**
 * The PF4J host: loading plugins, lending them what their contract promises, supervising them.
 *
 * <p>Must not know links, the mesh or the database.
 */
@NullMarked
package io.cyphermesh.core.plugin;

import org.jspecify.annotations.NullMarked;
