/**
 * From flags, environment, file and defaults to one valid set of settings.
 *
 * <p>Must not know what a setting does, only what values it takes and who said so.
 */
@NullMarked
package io.cyphermesh.cli.settings;

import org.jspecify.annotations.NullMarked;
