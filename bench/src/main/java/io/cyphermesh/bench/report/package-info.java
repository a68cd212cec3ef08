/**
 * What every measurement prints
 *
 * <p>tables, progress, figures, the machine it ran on.:Must not know what is measured.
 */
@NullMarked
package io.cyphermesh.bench.report;

import org.jspecify.annotations.NullMarked;
