package io.cyphermesh.core.plugin;

/** Settings are wrong; only the operator can change that. The message says where and how. */
public final class SettingsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  SettingsException(String message) {
    super(message);
  }

  SettingsException(String message, Throwable cause) {
    super(message, cause);
  }
}
