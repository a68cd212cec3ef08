/** Tests against real receivers. */
@NullMarked
package io.cyphermesh.syslog;

import org.jspecify.annotations.NullMarked;
