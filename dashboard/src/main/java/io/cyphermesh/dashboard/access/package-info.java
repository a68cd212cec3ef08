/**
 * Who may ask what: tokens and their roles, browser sessions, and the log of what was changed.
 *
 * <p>Must not know HTTP; the dashboard's gate asks it.
 */
@NullMarked
package io.cyphermesh.dashboard.access;

import org.jspecify.annotations.NullMarked;
