package io.cyphermesh.syslog;

import io.cyphermesh.api.ExportBatch;
import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.ExporterContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
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
    open.sender.send(batch.events().stream().map(open.messages::of).toList());
  }

  @Override
  public void stop() {
    session.ifPresent(open -> open.sender.close());
    session = Optional.empty();
  }

  /** From start to stop. */
  private static final class Session {
    final Messages messages;
    final Sender sender;
    private final Settings settings;
    private final Optional<SSLSocketFactory> tls;

    Session(Settings settings, Optional<SSLSocketFactory> tls) {
      this.settings = settings;
      this.tls = tls;
      this.sender = new Sender(settings, this::connect);
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
                settings.confirm());
      };
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
