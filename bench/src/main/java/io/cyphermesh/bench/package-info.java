/**
 * Measures a node, its detectors and its hot paths, each beside a well-known yardstick.
 *
 * <p>Never shipped; nothing else may depend on it.
 */
@NullMarked
package io.cyphermesh.bench;

import org.jspecify.annotations.NullMarked;
