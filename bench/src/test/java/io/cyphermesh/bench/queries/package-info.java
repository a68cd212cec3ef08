@NullMarked
package io.cyphermesh.bench.queries;

import org.jspecify.annotations.NullMarked;
