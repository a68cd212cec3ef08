/**
 * How fast a detector reads a file, beside a program that everybody knows.
 *
 * <p>Must not know the detectors: they come as jars.
 */
@NullMarked
package io.cyphermesh.bench.detect;

import org.jspecify.annotations.NullMarked;
