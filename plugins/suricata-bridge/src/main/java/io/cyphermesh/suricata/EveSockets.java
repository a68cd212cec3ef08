package io.cyphermesh.suricata;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.suricata.Settings.SocketSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;

/**
 * Reports the alerts that Suricata sends to Unix sockets, on which this listens. A thread for each
 * socket receives; all lines are handled, and all reports made, on the detector's own.
 */
public final class EveSockets implements Detector {

  private static final int QUEUED_CHARACTERS = 8 * 1024 * 1024;
  private static final int DEFAULT_MAX_CLIENTS = 8;
  private static final long TICK_MILLIS = 1_000;
  private static final long JOIN_MILLIS = 2_000;

  /**
   * Listens until told to stop. In a replay it leaves the sockets alone: a node may be listening.
   *
   * @throws IllegalArgumentException if a setting is wrong; the message names it
   */
  @Override
  public void run(DetectorContext context) throws Exception {
    if (context.replaying()) {
      return;
    }
    Settings settings = context.config(Settings.class);
    AlertLines lines = new AlertLines(settings, context);
    LineQueue queue = new LineQueue(QUEUED_CHARACTERS);
    boolean tracing = context.tracing();
    List<Thread> listeners =
        listeners(
            settings,
            line -> {
              if (tracing || EveParser.mayBeAlert(line)) {
                queue.put(line);
              }
            },
            context.logger());
    if (listeners.isEmpty()) {
      new CountDownLatch(1).await();
    }
    context.checkpoint().saved().ifPresent(lines::restore);
    listeners.forEach(Thread::start);
    try {
      handle(queue, lines, context);
    } finally {
      stop(listeners);
    }
  }

  private static List<Thread> listeners(
      Settings settings, LineSplitter.Lines lines, Logger logger) {
    List<Thread> listeners = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (SocketSettings socket : settings.sockets()) {
      SocketFile file = new SocketFile(socket);
      if (!paths.add(file.path().toString())) {
        throw new IllegalArgumentException("sockets: " + file.path() + " stands there twice");
      }
      int maxClients = socket.maxClients().orElse(DEFAULT_MAX_CLIENTS);
      if (maxClients < 1 || maxClients > 1024) {
        throw new IllegalArgumentException("sockets: max-clients is 1 to 1024, not " + maxClients);
      }
      Listener.Receiver receiver =
          switch (socket.type()) {
            case STREAM -> new StreamReceiver(maxClients, lines, logger);
            case DATAGRAM -> new DatagramReceiver(lines);
          };
      listeners.add(
          Thread.ofPlatform()
              .daemon()
              .name("suricata-socket-" + file.path().getFileName())
              .inheritInheritableThreadLocals(false)
              .unstarted(new Listener(file, receiver, logger)));
    }
    return listeners;
  }

  private static void handle(LineQueue queue, AlertLines lines, DetectorContext context)
      throws InterruptedException {
    List<Detection> found = new ArrayList<>();
    long ticked = context.clock().millis();
    byte[] saved = lines.snapshot();
    while (true) {
      String line = queue.poll(TICK_MILLIS);
      if (line != null) {
        lines.line(line, found::add);
      }
      long now = context.clock().millis();
      if (line == null || Math.abs(now - ticked) >= TICK_MILLIS) {
        ticked = now;
        lines.tick(found::add);
        byte[] snapshot = lines.snapshot();
        if (!Arrays.equals(snapshot, saved)) {
          context.checkpoint().save(snapshot);
          saved = snapshot;
        }
      }
      if (!found.isEmpty()) {
        byte[] before = saved;
        // Counts and reports become durable together: a crash repeats none.
        saved = lines.snapshot();
        context.checkpoint().save(saved);
        try {
          for (Detection detection : found) {
            report(detection, lines, context);
          }
        } catch (InterruptedException e) {
          // What was not reported must not count as reported after the restart.
          context.checkpoint().save(before);
          throw e;
        }
        found.clear();
      }
    }
  }

  private static void report(Detection detection, AlertLines lines, DetectorContext context)
      throws InterruptedException {
    try {
      context.report(detection);
    } catch (IllegalArgumentException e) {
      context.logger().debug("refused: {}", e.getMessage());
      lines.refused();
    }
  }

  private static void stop(List<Thread> listeners) throws InterruptedException {
    listeners.forEach(Thread::interrupt);
    boolean interrupted = Thread.interrupted();
    try {
      for (Thread listener : listeners) {
        listener.join(JOIN_MILLIS);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
