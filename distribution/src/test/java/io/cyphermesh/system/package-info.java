/**
 * Tests of the whole program: the built archive, run in processes of its own as a user would.
 *
 * <p>Must not know any class of the program but what makes plugin jars; what they see is files,
 * REST, the wire and exit codes.
 */
@NullMarked
package io.cyphermesh.system;

import org.jspecify.annotations.NullMarked;
