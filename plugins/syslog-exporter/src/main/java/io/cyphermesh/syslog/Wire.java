package io.cyphermesh.syslog;

import java.io.IOException;
import java.util.List;

/** Carries messages to a receiver. {@link #close} frees whoever is blocked in it. */
interface Wire extends AutoCloseable {

  /** Hands the messages to the operating system; blocks until all are with it. */
  void send(List<byte[]> messages) throws IOException;

  /** Blocks until the receiver has read what was sent; returns at once where nothing can tell. */
  void confirm() throws IOException;

  /** Whether more can be sent after that. */
  boolean reusable();

  @Override
  void close();
}
