/**
 * What tests of several packages need: a clock to turn, reporters who sign.
 *
 * <p>Must not know the parts under test beyond identity and protocol.
 */
@NullMarked
package io.cyphermesh.core.testing;

import org.jspecify.annotations.NullMarked;
