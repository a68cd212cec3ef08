/**
 * Sends events as RFC 5424 syslog messages with a CEF or JSON body.
 *
 * <p>Must not know the node beyond its api, nor keep positions: the node does.
 */
@NullMarked
package io.cyphermesh.syslog;

import org.jspecify.annotations.NullMarked;
