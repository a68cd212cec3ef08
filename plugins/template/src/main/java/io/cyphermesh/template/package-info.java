/**
 * The smallest complete plugin, to be copied.
 *
 * <p>Must not know anything of the node but its api.
 */
@NullMarked
package io.cyphermesh.template;

import org.jspecify.annotations.NullMarked;
