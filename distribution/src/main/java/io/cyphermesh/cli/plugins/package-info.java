/**
 * The operator's own folder of plugin jars: what lies in it, and how a jar gets in and out while a
 * node may read it.
 *
 * <p>Must not know the running node; loads no class of a plugin.
 */
@NullMarked
package io.cyphermesh.cli.plugins;

import org.jspecify.annotations.NullMarked;
