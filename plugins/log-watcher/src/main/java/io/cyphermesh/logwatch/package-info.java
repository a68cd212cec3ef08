/**
 * Finds attacks in log files: a line's header, the rules that read its message, and a leaky bucket
 * for each rule and source address. Rules are data in {@code reference.conf}. Must not know files,
 * threads or the network: the node follows the files, and no name is ever looked up.
 */
@NullMarked
package io.cyphermesh.logwatch;

import org.jspecify.annotations.NullMarked;
