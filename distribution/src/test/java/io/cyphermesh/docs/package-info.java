/**
 * Holds the documentation to what is true: links lead somewhere, settings exist, and pages that
 * tell what the code says are written from it.
 *
 * <p>Must not know how a page is worded.
 */
@NullMarked
package io.cyphermesh.docs;

import org.jspecify.annotations.NullMarked;
