/** Tests of the dashboard against a node in memory. */
@NullMarked
package io.cyphermesh.dashboard;

import org.jspecify.annotations.NullMarked;
