/**
 * The contract of plugins: what a plugin's author needs to know, and nothing else.
 *
 * <p>Records carry data, interfaces are extension points or what the node lends to one. Null never
 * crosses this package; what may be absent is an {@link java.util.Optional}. Interfaces grow only
 * by {@code default} methods; what may still change is marked {@link
 * io.cyphermesh.api.Experimental}.
 *
 * <p>Nothing here knows JDBC, Gson, Jooby, Bouncy Castle or Logback.
 */
@NullMarked
package io.cyphermesh.api;

import org.jspecify.annotations.NullMarked;
