package io.cyphermesh.discovery.lan;

import java.util.List;

/**
 * The plugin's section of the configuration; {@code reference.conf} says what each key means.
 *
 * @param port UDP port, 1 to 65535
 * @param interfaces names of network interfaces; none for all that can broadcast
 */
public record Settings(int port, List<String> interfaces) {
  public Settings {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port is 1 to 65535, not " + port);
    }
    interfaces = List.copyOf(interfaces);
  }
}
