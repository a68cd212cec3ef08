/**
 * The one path on which every event is judged, local or received (wire-protocol 3.2).
 *
 * <p>Must not know links or how anything is stored.
 */
@NullMarked
package io.cyphermesh.core.pipeline;

import org.jspecify.annotations.NullMarked;
