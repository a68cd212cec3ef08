package io.cyphermesh.suricata;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.LineHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Reports the alerts in Suricata's EVE files. A detector of its own beside {@link EveSockets},
 * since the node keeps position and state of files together, in one transaction with the reports.
 */
public final class EveFiles implements Detector {

  /**
   * Follows the configured files until told to stop, or to their end in a replay.
   *
   * @throws IllegalArgumentException if a setting is wrong; the message names it
   */
  @Override
  public void run(DetectorContext context) throws Exception {
    Settings settings = context.config(Settings.class);
    AlertLines lines = new AlertLines(settings, context);
    if (settings.files().isEmpty() && !context.replaying()) {
      new CountDownLatch(1).await();
    }
    Sink sink = detection -> report(detection, context, lines);
    // A replay gives lines of other files, whatever is asked for.
    List<String> files = context.replaying() ? List.of("/") : settings.files();
    context.follow(new FollowRequest(files, settings.from()), new Handler(lines, sink));
    lines.flush(sink);
  }

  private static void report(Detection detection, DetectorContext context, AlertLines lines)
      throws InterruptedException {
    try {
      context.report(detection);
    } catch (IllegalArgumentException e) {
      context.logger().debug("refused: {}", e.getMessage());
      lines.refused();
    }
  }

  private record Handler(AlertLines lines, Sink sink) implements LineHandler {
    @Override
    public void line(String line, Path file) throws InterruptedException {
      lines.line(line, sink);
    }

    @Override
    public void tick() throws InterruptedException {
      lines.tick(sink);
    }

    @Override
    public Optional<byte[]> snapshot() {
      return Optional.of(lines.snapshot());
    }

    @Override
    public void restore(byte[] snapshot) {
      lines.restore(snapshot);
    }
  }
}
