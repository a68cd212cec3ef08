package io.cyphermesh.transport.tcp;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** What a caller's first byte says it speaks. One port serves both versions of the protocol. */
enum Opening {
  /** A TLS ClientHello: version 2. */
  TLS,
  /** The head of a plain frame: version 1. */
  PLAIN,
  /** Nothing at all, as a version 1 node does that has nothing to tell yet. */
  SILENT,
  /** Hung up without a word. */
  GONE,
  /** Neither version. */
  FOREIGN;

  /** A TLS record of the handshake type. */
  static final int TLS_HANDSHAKE = 0x16;

  /** The high byte of any length that a frame may have. */
  static final int FRAME_HEAD = 0x00;

  /** Waits for the first byte, which is taken off the stream where there is one. */
  static Opening of(Socket caller, Duration patience) throws IOException {
    caller.setSoTimeout(Sockets.millis(patience));
    try {
      return switch (caller.getInputStream().read()) {
        case TLS_HANDSHAKE -> TLS;
        case FRAME_HEAD -> PLAIN;
        case -1 -> GONE;
        default -> FOREIGN;
      };
    } catch (SocketTimeoutException e) {
      return SILENT;
    } finally {
      if (!caller.isClosed()) {
        caller.setSoTimeout(0);
      }
    }
  }
}
