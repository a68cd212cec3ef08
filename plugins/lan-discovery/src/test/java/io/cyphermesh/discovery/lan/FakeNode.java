package io.cyphermesh.discovery.lan;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.DiscoveryContext;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;

/** A node with a clock to be turned, or the true one, that keeps what was found. */
final class FakeNode implements DiscoveryContext {
  final List<String> found = new CopyOnWriteArrayList<>();
  volatile boolean alone = true;
  private final NodeId self;
  private final int port;
  private final Settings settings;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final ch.qos.logback.classic.Logger logger = new LoggerContext().getLogger("test");
  private volatile Optional<Instant> now = Optional.empty();

  /**
   * @param digit of which its id consists
   * @param port for links
   */
  FakeNode(String digit, int port, String settings) {
    this.self = new NodeId(digit.repeat(64));
    this.port = port;
    Config config =
        ConfigFactory.parseString(settings)
            .withFallback(ConfigFactory.parseResources("reference.conf"));
    this.settings = new Settings(config.getInt("port"), config.getStringList("interfaces"));
    logger.setLevel(Level.INFO);
    log.start();
    logger.addAppender(log);
  }

  FakeNode at(String time) {
    now = Optional.of(Instant.parse(time));
    return this;
  }

  void advance(Duration by) {
    now = now.map(time -> time.plus(by));
  }

  List<String> lines() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  Settings settings() {
    return settings;
  }

  @Override
  public NodeId self() {
    return self;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public boolean alone() {
    return alone;
  }

  @Override
  public void found(HostPort address, Optional<NodeId> peer) {
    found.add(address + peer.map(id -> " " + id.hex().charAt(0)).orElse(""));
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    return type.cast(settings);
  }

  @Override
  public Logger logger() {
    return logger;
  }

  @Override
  public InstantSource clock() {
    return () -> now.orElseGet(InstantSource.system()::instant);
  }

  @Override
  public Path dataDirectory() {
    throw new UnsupportedOperationException("nothing is written");
  }
}
