/**
 * Talks to a running node over its REST interface.
 *
 * <p>Must not know the node's insides, nor start one.
 */
@NullMarked
package io.cyphermesh.cli.client;

import org.jspecify.annotations.NullMarked;
