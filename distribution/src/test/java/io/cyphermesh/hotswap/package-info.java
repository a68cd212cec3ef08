/**
 * Plugins that come, change, break and go while two nodes exchange events.
 *
 * <p>Both nodes run in the tests' own process, where threads and class loaders can be counted.
 */
@NullMarked
package io.cyphermesh.hotswap;

import org.jspecify.annotations.NullMarked;
