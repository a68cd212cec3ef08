package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How times, addresses and failures read in a log line. */
final class Texts {
  private Texts() {}

  static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  /** Never asks the name service. */
  static String address(InetSocketAddress address) {
    return new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString();
  }

  /** What the innermost cause says: the outer ones are the TLS library's wrapping. */
  static String oneLine(IOException failure) {
    String text = failure.getClass().getSimpleName();
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      String message = t.getMessage();
      if (message != null && !message.isBlank()) {
        text = message;
      }
    }
    return text.lines().findFirst().orElse(text).strip();
  }
}
