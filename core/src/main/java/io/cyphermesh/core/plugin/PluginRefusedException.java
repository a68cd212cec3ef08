package io.cyphermesh.core.plugin;

/** A jar cannot become a plugin of this node; the message is the one line that says why. */
public final class PluginRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  PluginRefusedException(String reason) {
    super(reason);
  }

  PluginRefusedException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
