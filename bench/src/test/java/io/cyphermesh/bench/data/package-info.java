@NullMarked
package io.cyphermesh.bench.data;

import org.jspecify.annotations.NullMarked;
