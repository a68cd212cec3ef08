package io.cyphermesh.syslog;

import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.ExporterContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/** Sends each event as one message, each batch over a connection of its own or over one kept. */
public final class SyslogExporter implements Exporter {
  private volatile Optional<Session> session = Optional.empty();

  @Override
  public void start(ExporterContext context) throws IOException {
    Settings settings = context.config(Settings.class);
    Optional<SSLSocketFactory> tls =
        settings.transport() == Settings.Carrier.TLS
            ? Optional.of(TlsFiles.sockets(settings))
            : Optional.empty();
    session = Optional.of(new Session(settings, tls));
  }

  @Override
  public void export(ExportBatch batch) throws IOException, InterruptedException {
    Session open = session.orElseThrow(() -> new IllegalStateException("not started"));
    open.send(batch.events().stream().map(open.messages::of).toList());
  }

  @Override
  public void stop() {
    session.ifPresent(Session::close);
    session = Optional.empty();
  }

  /** From start to stop. */
  private static final class Session {
    final Messages messages;
    private final Settings settings;
    private final Optional<SSLSocketFactory> tls;
    private volatile Optional<Wire> wire = Optional.empty();

    Session(Settings settings, Optional<SSLSocketFactory> tls) {
      this.settings = settings;
      this.tls = tls;
      this.messages =
          new Messages(
              new Header(
                  settings.facility(),
                  settings.hostname().isBlank() ? ownName() : settings.hostname(),
                  settings.appName()),
              switch (settings.format()) {
                case CEF -> List.of(new Cef(version()));
                case JSON -> Messages.json(settings.signed());
              },
              settings.maxMessage());
    }

    private static String version() {
      return Optional.ofNullable(SyslogExporter.class.getPackage().getImplementationVersion())
          .orElse("development");
    }

    /**
     * Sends on a thread of its own, since a socket whose receiver does not read blocks a platform
     * thread for as long as it likes, and no interrupt ends that.
     */
    void send(List<byte[]> messages) throws IOException, InterruptedException {
      Attempt attempt = new Attempt(messages);
      Thread sender = Thread.ofVirtual().name("syslog-sender").start(attempt);
      boolean done = false;
      try {
        Duration patience = settings.connectTimeout().plus(settings.timeout());
        attempt.sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        done = true;
      } catch (TimeoutException e) {
        throw new IOException(where() + " does not read what is sent", e);
      } catch (ExecutionException e) {
        throw failure(e.getCause() == null ? e : e.getCause());
      } finally {
        if (!done) {
          attempt.cancelled = true;
          sender.interrupt();
          close();
        }
      }
    }

    /** Messages on their way. */
    private final class Attempt implements Runnable {
      final CompletableFuture<Boolean> sent = new CompletableFuture<>();
      volatile boolean cancelled;
      private final List<byte[]> messages;

      Attempt(List<byte[]> messages) {
        this.messages = messages;
      }

      @Override
      public void run() {
        try {
          Optional<Wire> open = wire;
          Wire to = open.isPresent() ? open.get() : connect();
          wire = Optional.of(to);
          if (cancelled) {
            close();
            return;
          }
          to.send(messages);
          if (!to.reusable()) {
            close();
          }
          sent.complete(true);
        } catch (Throwable e) {
          sent.completeExceptionally(e);
        }
      }
    }

    private Wire connect() throws IOException {
      InetSocketAddress receiver =
          new InetSocketAddress(InetAddress.getByName(settings.host()), settings.portOrUsual());
      return switch (settings.transport()) {
        case UDP -> new UdpWire(receiver);
        case TCP, TLS ->
            new StreamWire(
                receiver,
                settings.host(),
                tls,
                settings.framing(),
                settings.connectTimeout(),
                settings.confirm() ? Optional.of(settings.timeout()) : Optional.empty());
      };
    }

    private IOException failure(Throwable cause) {
      String what =
          switch (cause) {
            case UnknownHostException _ -> "no address is known for the name " + settings.host();
            case ConnectException _ -> "nobody listens at " + where();
            case SocketTimeoutException _ -> "no connection to " + where() + " in time";
            case SSLException e -> "no TLS with " + where() + ": " + e.getMessage();
            default ->
                where()
                    + ": "
                    + (cause.getMessage() == null
                        ? cause.getClass().getSimpleName()
                        : cause.getMessage());
          };
      return new IOException(what, cause);
    }

    private String where() {
      return settings.host() + ":" + settings.portOrUsual();
    }

    void close() {
      Optional<Wire> open = wire;
      wire = Optional.empty();
      open.ifPresent(Wire::close);
    }

    private static String ownName() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "-";
      }
    }
  }
}
