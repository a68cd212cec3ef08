@NullMarked
package io.cyphermesh.bench.simulation;

import org.jspecify.annotations.NullMarked;
