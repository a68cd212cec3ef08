@NullMarked
package io.cyphermesh.bench.detect;

import org.jspecify.annotations.NullMarked;
