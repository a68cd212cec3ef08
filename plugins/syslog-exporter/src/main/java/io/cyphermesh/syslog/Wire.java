package io.cyphermesh.syslog;

import java.io.IOException;
import java.util.List;

/** Carries messages to a receiver. {@link #close} frees whoever is blocked in {@link #send}. */
interface Wire extends AutoCloseable {

  /**
   * Sends the messages; blocks until they are as far as this wire can tell: with the operating
   * system, or read by the receiver.
   */
  void send(List<byte[]> messages) throws IOException;

  /** Whether more can be sent after that. */
  boolean reusable();

  @Override
  void close();
}
