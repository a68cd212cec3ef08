/**
 * The web page, REST API and live feed of a node.
 *
 * <p>Sees a node through {@code core.view} and {@code core.control} only; must not know the store,
 * the mesh or the plugins behind them.
 */
@NullMarked
package io.cyphermesh.dashboard;

import org.jspecify.annotations.NullMarked;
