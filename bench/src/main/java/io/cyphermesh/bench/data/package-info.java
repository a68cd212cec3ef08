/**
 * Makes files for detectors to read
 *
 * <p>seeded, realistic, with documentation addresses.:Must not know the detectors.
 */
@NullMarked
package io.cyphermesh.bench.data;

import org.jspecify.annotations.NullMarked;
