/**
 * The named commands that an operator gives to a node, by dashboard or command line.
 *
 * <p>Must not know who carries them out.
 */
@NullMarked
package io.cyphermesh.core.control;

import org.jspecify.annotations.NullMarked;
