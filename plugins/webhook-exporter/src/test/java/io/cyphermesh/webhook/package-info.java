/** Tests against a real HTTP server. */
@NullMarked
package io.cyphermesh.webhook;

import org.jspecify.annotations.NullMarked;
