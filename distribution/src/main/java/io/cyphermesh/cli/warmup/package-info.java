/**
 * The AOT cache: classes as the JVM has them once they are loaded, linked and profiled, so that the
 * next start need not do that again.
 */
@NullMarked
package io.cyphermesh.cli.warmup;

import org.jspecify.annotations.NullMarked;
