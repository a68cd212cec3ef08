package io.cyphermesh.core.control;

/** A plugin that is disabled cannot do what was asked. The message is one line. */
public final class PluginDisabledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For the plugin of that id. */
  public PluginDisabledException(String id) {
    super("the plugin '" + id + "' is disabled: enable it first");
  }
}
