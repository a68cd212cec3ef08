@NullMarked
package io.cyphermesh.bench.ingest;

import org.jspecify.annotations.NullMarked;
