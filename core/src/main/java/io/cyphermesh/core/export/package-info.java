/**
 * One durable cursor per exporter: what it gets next, and how far it is behind.
 *
 * <p>Must not know plugins, threads or how the cursor is stored.
 */
@NullMarked
package io.cyphermesh.core.export;

import org.jspecify.annotations.NullMarked;
