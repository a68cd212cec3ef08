/**
 * The composition root: {@link io.cyphermesh.core.node.MeshNode} names every part once, in the
 * order in which data meets them.
 *
 * <p>The only package that knows all the others.
 */
@NullMarked
package io.cyphermesh.core.node;

import org.jspecify.annotations.NullMarked;
