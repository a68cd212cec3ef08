/**
 * What reaches the user: streams, colours, tables, and failures told in one line.
 *
 * <p>Must not know what is printed. Everything that strangers wrote passes {@link
 * io.cyphermesh.cli.terminal.Printable} on its way.
 */
@NullMarked
package io.cyphermesh.cli.terminal;

import org.jspecify.annotations.NullMarked;
