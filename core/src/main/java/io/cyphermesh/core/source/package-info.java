/**
 * The file follower that the core lends to detectors.
 *
 * <p>Must not know plugins, events or the database: lines go out, positions come back.
 */
@NullMarked
package io.cyphermesh.core.source;

import org.jspecify.annotations.NullMarked;
