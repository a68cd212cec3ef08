@NullMarked
package io.cyphermesh.dashboard.access;

import org.jspecify.annotations.NullMarked;
