package io.cyphermesh.core.control;

/** There is no plugin of that id. The message is one line. */
public final class UnknownPluginException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For the id that was asked for. */
  public UnknownPluginException(String id) {
    super("there is no plugin '" + id + "'");
  }
}
