package io.cyphermesh.syslog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Messages over TCP or TLS (RFC 6587, RFC 5425).
 *
 * <p>Syslog has no answers, but TCP has one: a receiver whose sender closed its half closes its own
 * once it has read everything, while one that died before resets the connection.
 */
final class StreamWire implements Wire {
  private final Socket raw;
  private final Socket stream;
  private final Settings.Framing framing;
  private final boolean confirm;

  /**
   * Connects and shakes hands.
   *
   * @param tls makes the TLS side, where there is one
   * @param confirm whether the receiver shall show that it has read everything
   */
  StreamWire(
      InetSocketAddress receiver,
      String host,
      Optional<SSLSocketFactory> tls,
      Settings.Framing framing,
      Duration connectTimeout,
      boolean confirm)
      throws IOException {
    this.framing = framing;
    this.confirm = confirm;
    this.raw = new Socket();
    boolean done = false;
    try {
      int millis = millis(connectTimeout);
      raw.connect(receiver, millis);
      raw.setTcpNoDelay(true);
      if (tls.isPresent()) {
        raw.setSoTimeout(millis);
        SSLSocket secured = (SSLSocket) tls.get().createSocket(raw, host, receiver.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        stream = secured;
      } else {
        stream = raw;
      }
      done = true;
    } finally {
      if (!done) {
        raw.close();
      }
    }
  }

  @Override
  public void send(List<byte[]> messages) throws IOException {
    if (reusable()) {
      requireReceiver();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      switch (framing) {
        case OCTET_COUNTING -> {
          out.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
          out.writeBytes(message);
        }
        case LF -> {
          out.writeBytes(message);
          out.write('\n');
        }
      }
    }
    stream.getOutputStream().write(out.toByteArray());
    stream.getOutputStream().flush();
  }

  /** Nothing can be sent behind the end that the receiver was told. */
  @Override
  public boolean reusable() {
    return !confirm;
  }

  @Override
  public void confirm() throws IOException {
    if (!confirm) {
      return;
    }
    // How long that may take is for the sender to say, who closes this wire then.
    raw.setSoTimeout(0);
    stream.shutdownOutput();
    InputStream in = stream.getInputStream();
    while (in.read() >= 0) {
      // Whatever it says is of no meaning.
    }
  }

  private static int millis(Duration time) {
    return Math.clamp(time.toMillis(), 1, Integer.MAX_VALUE);
  }

  /**
   * A receiver that went away has said so by now, and what is written to it would be gone: the
   * first write after that succeeds all the same.
   */
  private void requireReceiver() throws IOException {
    raw.setSoTimeout(1);
    try {
      // Receivers of syslog say nothing; whatever they say is of no meaning.
      if (stream.getInputStream().read() < 0) {
        throw new IOException("the receiver closed the connection");
      }
    } catch (SocketTimeoutException e) {
      // Silence is what is hoped for.
    } finally {
      raw.setSoTimeout(0);
    }
  }

  @Override
  public void close() {
    try {
      // Not the TLS side: its goodbye waits for whoever is writing.
      raw.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
