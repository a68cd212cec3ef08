package io.cyphermesh.suricata;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import io.cyphermesh.core.plugin.RecordConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that replays given lines, with a clock to be set, and keeps what was reported. */
final class TestContext implements DetectorContext, Checkpoint {

  private static final Path FILE = Path.of("/var/log/suricata/eve.json");

  final List<Detection> detections = new CopyOnWriteArrayList<>();
  final List<String> traces = new CopyOnWriteArrayList<>();
  final List<FollowRequest> requests = new ArrayList<>();
  final List<String> lines = new ArrayList<>();
  boolean tracing = true;
  boolean refusing;
  volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");
  volatile Optional<byte[]> saved = Optional.empty();

  /** What was saved when each detection became durable. */
  final List<Optional<byte[]>> savedWith = new CopyOnWriteArrayList<>();

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Config config;

  TestContext(String overrides) {
    config =
        ConfigFactory.parseString(overrides)
            .withFallback(ConfigFactory.parseResources("reference.conf"))
            .resolve();
    log.start();
  }

  /** Runs the file detector over {@code lines}, as a replay does. */
  static TestContext replay(String overrides, List<String> lines) throws Exception {
    TestContext context = new TestContext(overrides);
    context.lines.addAll(lines);
    new EveFiles().run(context);
    return context;
  }

  AlertLines alertLines() {
    return new AlertLines(config(Settings.class), this);
  }

  void feed(AlertLines handler, String... more) throws InterruptedException {
    for (String line : more) {
      handler.line(line, detections::add);
    }
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  /** {@code attacker threat-type count} of each detection. */
  List<String> summary() {
    return detections.stream()
        .map(d -> d.indicator().value() + " " + d.threatType() + " " + d.count().orElse(0))
        .toList();
  }

  List<String> attackers() {
    return detections.stream().map(d -> d.indicator().value()).toList();
  }

  List<String> warnings() {
    return List.copyOf(log.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Override
  public void report(Detection detection) {
    if (refusing) {
      throw new IllegalArgumentException("refused by the test");
    }
    savedWith.add(saved);
    detections.add(detection);
  }

  @Override
  public Checkpoint checkpoint() {
    return this;
  }

  @Override
  public Optional<byte[]> saved() {
    return saved;
  }

  @Override
  public void save(byte[] snapshot) {
    saved = Optional.of(snapshot.clone());
  }

  @Override
  public void follow(FollowRequest request, LineHandler handler) {
    requests.add(request);
    for (String line : lines) {
      try {
        handler.line(line, FILE);
      } catch (Exception e) {
        throw new AssertionError(line, e);
      }
    }
  }

  @Override
  public void trace(String line, String rule, String reason) {
    traces.add(rule + ": " + reason);
  }

  @Override
  public boolean tracing() {
    return tracing;
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    return RecordConfig.read(config, "plugins.suricata-bridge", type);
  }

  @Override
  public Logger logger() {
    var logger = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("suricata-bridge");
    logger.setAdditive(false);
    logger.detachAndStopAllAppenders();
    log.start();
    logger.addAppender(log);
    return logger;
  }

  @Override
  public InstantSource clock() {
    return () -> now;
  }

  @Override
  public Path dataDirectory() {
    throw new UnsupportedOperationException("nothing is written");
  }
}
