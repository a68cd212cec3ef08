package io.cyphermesh.cli.settings;

import io.cyphermesh.cli.terminal.CommandFailure;

/**
 * A value, unread, and who said it.
 *
 * @param text the value
 * @param origin a flag, a variable or {@code FILE:LINE: key}
 */
record Said(String text, String origin) {

  /** The failure that tells what would be right. */
  CommandFailure wrong(String right) {
    return CommandFailure.usage(origin + ": '" + text + "' is not right: " + right);
  }
}
