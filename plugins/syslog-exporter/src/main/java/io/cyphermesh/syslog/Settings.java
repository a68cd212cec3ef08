package io.cyphermesh.syslog;

import java.time.Duration;

/** The section of the configuration; each key is explained in reference.conf. */
record Settings(
    String host,
    int port,
    Carrier transport,
    Framing framing,
    boolean confirm,
    Format format,
    boolean signed,
    int maxMessage,
    Facility facility,
    String appName,
    String hostname,
    String caFile,
    String certFile,
    String keyFile,
    Duration connectTimeout,
    Duration timeout) {

  /** What every receiver takes by RFC 5424, section 6.1, and fits the longest header. */
  private static final int MIN_MESSAGE = 480;

  /** What fits into a datagram over IPv4. */
  private static final int MAX_MESSAGE = 65_507;

  /** What carries the messages. */
  enum Carrier {
    UDP,
    TCP,
    TLS
  }

  /** How messages are told apart on a stream (RFC 6587). */
  enum Framing {
    OCTET_COUNTING,
    LF
  }

  /** What a message's body is written in. */
  enum Format {
    CEF,
    JSON
  }

  /** RFC 5424, table 1. */
  enum Facility {
    USER(1),
    DAEMON(3),
    AUTH(4),
    AUTHPRIV(10),
    LOCAL0(16),
    LOCAL1(17),
    LOCAL2(18),
    LOCAL3(19),
    LOCAL4(20),
    LOCAL5(21),
    LOCAL6(22),
    LOCAL7(23);

    final int code;

    Facility(int code) {
      this.code = code;
    }
  }

  Settings {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host is empty: say where to send to");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is 1 to 65535, or 0 for the usual one, not " + port);
    }
    if (certFile.isBlank() != keyFile.isBlank()) {
      throw new IllegalArgumentException("cert-file and key-file go together: set both or none");
    }
    if (maxMessage < MIN_MESSAGE || maxMessage > MAX_MESSAGE) {
      throw new IllegalArgumentException(
          "max-message is " + MIN_MESSAGE + " to " + MAX_MESSAGE + " bytes, not " + maxMessage);
    }
    positive("connect-timeout", connectTimeout);
    positive("timeout", timeout);
  }

  private static void positive(String key, Duration time) {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException(key + " must be longer than nothing");
    }
  }

  int portOrUsual() {
    return port != 0 ? port : transport == Carrier.TLS ? 6514 : 514;
  }
}
