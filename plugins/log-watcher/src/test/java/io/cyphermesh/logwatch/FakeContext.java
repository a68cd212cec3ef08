package io.cyphermesh.logwatch;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cyphermesh.api.Checkpoint;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that replays given lines, with a clock to be set, and keeps what was reported. */
final class FakeContext implements DetectorContext {

  private static final Path FILE = Path.of("/var/log/auth.log");

  final List<Detection> detections = new ArrayList<>();
  final List<String> traces = new ArrayList<>();
  final List<String> lines = new ArrayList<>();
  final List<FollowRequest> requests = new ArrayList<>();
  int matched;
  boolean tracing = true;
  boolean refusing;
  Instant now = Instant.parse("2026-11-22T12:00:00Z");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Settings settings;

  FakeContext(String overrides) {
    settings = HoconConfig.settings("zone = UTC\n" + overrides);
    log.start();
  }

  /** The handler that the settings give, to be fed by hand. */
  LogLines handler() {
    return new LogLines(settings, this);
  }

  static FakeContext of(List<String> lines) {
    return of("", lines);
  }

  /** Runs the plugin over {@code lines}. */
  static FakeContext of(String overrides, List<String> lines) {
    FakeContext context = new FakeContext(overrides);
    context.lines.addAll(lines);
    try {
      new LogWatcher().run(context);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return context;
  }

  void feed(LineHandler handler, List<String> more) {
    for (String line : more) {
      try {
        handler.line(line, FILE);
      } catch (Exception e) {
        throw new AssertionError(line, e);
      }
    }
  }

  List<Detection> ofType(String threatType) {
    return detections.stream().filter(d -> d.threatType().equals(threatType)).toList();
  }

  List<String> warnings() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** {@code address rule count} of each detection. */
  List<String> summary() {
    return detections.stream()
        .map(d -> d.indicator().value() + " " + d.rule().orElse("") + " " + d.count().orElse(0))
        .toList();
  }

  @Override
  public void report(Detection detection) {
    if (refusing) {
      throw new IllegalArgumentException("refused by the test");
    }
    detections.add(detection);
  }

  @Override
  public Checkpoint checkpoint() {
    throw new UnsupportedOperationException("the follower keeps the position");
  }

  @Override
  public void follow(FollowRequest request, LineHandler handler) {
    requests.add(request);
    feed(handler, lines);
  }

  @Override
  public void trace(String line, String rule, String reason) {
    traces.add(rule + ": " + reason);
  }

  @Override
  public void matched() {
    matched++;
  }

  @Override
  public boolean tracing() {
    return tracing;
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    return type.cast(settings);
  }

  @Override
  public Logger logger() {
    var logger = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("log-watcher");
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
