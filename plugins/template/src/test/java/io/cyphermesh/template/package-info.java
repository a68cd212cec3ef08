/** Tests of the template. */
@NullMarked
package io.cyphermesh.template;

import org.jspecify.annotations.NullMarked;
