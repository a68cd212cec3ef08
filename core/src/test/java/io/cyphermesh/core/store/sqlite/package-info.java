/**
 * Tests of the embedded store on real files.
 *
 * <p>Events here carry made-up keys and signatures: the store verifies nothing.
 */
@NullMarked
package io.cyphermesh.core.store.sqlite;

import org.jspecify.annotations.NullMarked;
