/**
 * What plugin authors test with: harnesses that stand in for a node, and the tests that every
 * plugin has to pass.
 *
 * <p>Must not know how a node runs plugins, only what it promises them.
 */
@NullMarked
package io.cyphermesh.testkit;

import org.jspecify.annotations.NullMarked;
