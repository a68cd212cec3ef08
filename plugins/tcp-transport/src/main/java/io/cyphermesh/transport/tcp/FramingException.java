package io.cyphermesh.transport.tcp;

import java.io.IOException;

/** The peer broke the framing; the message says how. */
final class FramingException extends IOException {
  FramingException(String message) {
    super(message);
  }
}
