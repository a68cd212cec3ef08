@NullMarked
package io.cyphermesh.bench.report;

import org.jspecify.annotations.NullMarked;
