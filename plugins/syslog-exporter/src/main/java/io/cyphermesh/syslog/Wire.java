package io.cyphermesh.syslog;

import java.io.IOException;
import java.util.List;

/** Carries messages to a receiver. {@link #close} frees whoever is blocked in {@link #send}. */
interface Wire extends AutoCloseable {

  /** Sends the messages; blocks until the operating system has them all. */
  void send(List<byte[]> messages) throws IOException;

  @Override
  void close();
}
