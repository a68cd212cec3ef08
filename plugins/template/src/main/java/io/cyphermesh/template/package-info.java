/**
 * The smallest complete plugin, to be copied within this build. A plugin in a project of its own is
 * what docs/plugin-guide.md walks through.
 *
 * <p>Must not know anything of the node but its api.
 */
@NullMarked
package io.cyphermesh.template;

import org.jspecify.annotations.NullMarked;
