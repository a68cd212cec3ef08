package io.cyphermesh.api;

/**
 * Where a node listens.
 *
 * @param host name or IP address; IPv6 without brackets
 * @param port 1 to 65535, or 0 where any free port will do
 */
public record HostPort(String host, int port) {
  public HostPort {
    if (host.isBlank() || host.length() > 255 || hasOddChars(host)) {
      throw new IllegalArgumentException("'" + host + "' is no host name or IP address");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
    }
  }

  private static boolean hasOddChars(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c == '/' || c == '@') {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads {@code HOST:PORT} or {@code [IPv6]:PORT}.
   *
   * @throws IllegalArgumentException if it is neither; the message says what would be right
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[") && colon > 0 && text.charAt(colon - 1) == ']';
    if (colon <= 0 || (!bracketed && text.indexOf(':') != colon)) {
      throw new IllegalArgumentException(
          "'" + text + "' is not HOST:PORT, for instance 192.0.2.1:9001 or [2001:db8::1]:9001");
    }
    String host = bracketed ? text.substring(1, colon - 1) : text.substring(0, colon);
    int port;
    try {
      port = Integer.parseInt(text, colon + 1, text.length(), 10);
    } catch (NumberFormatException e) {
      port = -1;
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("the port in '" + text + "' is not 1 to 65535");
    }
    return new HostPort(host, port);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
