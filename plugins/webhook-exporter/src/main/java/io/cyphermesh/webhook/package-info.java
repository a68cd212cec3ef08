/**
 * Posts events as signed JSON batches to an HTTP endpoint.
 *
 * <p>Must not know the node beyond its api, nor keep positions: the node does.
 */
@NullMarked
package io.cyphermesh.webhook;

import org.jspecify.annotations.NullMarked;
