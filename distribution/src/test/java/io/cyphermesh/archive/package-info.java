/** What users unpack, looked at as files. It must not know what the program does. */
@NullMarked
package io.cyphermesh.archive;

import org.jspecify.annotations.NullMarked;
