package io.cyphermesh.transport.tcp;

import java.io.IOException;

/** The other end of a dial showed that it has no TLS, as version 1 nodes have none. */
final class NoTlsException extends IOException {
  NoTlsException(String message, IOException cause) {
    super(message, cause);
  }
}
