/**
 * Replays logs through detectors and shows what they would report.
 *
 * <p>Must not know a node, a key or a database: it works where none is, and beside one that runs.
 */
@NullMarked
package io.cyphermesh.cli.detect;

import org.jspecify.annotations.NullMarked;
