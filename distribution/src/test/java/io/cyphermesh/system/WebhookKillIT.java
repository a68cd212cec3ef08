package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.Severity;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.LocalReports;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments of a webhook export. {@code -Dsystem.exportKills=50} for the
 * long form, {@code -Dsystem.seed=} to repeat a run as far as processes can be repeated.
 */
@Tag("system")
class WebhookKillIT {
  private static final int EVENTS = 10_000;
  private static final int BATCH = 20;
  private static final int GROUP = 500;
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration LIFE = Duration.ofMinutes(1);
  private static final Duration REST = Duration.ofMinutes(3);
  private static final String SECRET = "for this test alone";

  @TempDir private Path folder;

  @Test
  void noEventIsLostWhenTheNodeIsKilledWhileItExports() throws Exception {
    int kills = Integer.getInteger("system.exportKills", 8);
    long seed = Long.getLong("system.seed", System.nanoTime());
    System.out.println("Seed of the kills: -Dsystem.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    // Kills enough before the export is over, whatever the dice say.
    int mostRequestsInALife = Math.max(2, EVENTS / BATCH * 13 / 10 / kills);

    Path data = Files.createDirectories(folder.resolve("node"));
    List<String> stored = store(data);
    int port = Node.freePort();
    try (WebhookReceiver receiver = new WebhookReceiver(SECRET, TIMEOUT, random.split())) {
      configure(data, receiver);
      WebhookReceiver.Moment[] choice = WebhookReceiver.Moment.values();
      Map<WebhookReceiver.Moment, Integer> moments = new EnumMap<>(WebhookReceiver.Moment.class);
      int whileStarting = 0;
      for (int kill = 1; kill <= kills; kill++) {
        try (Node node = Node.launch(data, port)) {
          if (random.nextInt(8) == 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(2_000)));
            node.kill();
            whileStarting++;
          } else {
            WebhookReceiver.Moment moment = choice[random.nextInt(choice.length)];
            WebhookReceiver.Ambush ambush =
                new WebhookReceiver.Ambush(
                    moment, 1 + random.nextInt(mostRequestsInALife), () -> kill(node));
            receiver.set(ambush);
            assertThat(ambush.done(LIFE)).as("a node that exports until it is killed").isTrue();
            moments.merge(moment, 1, Integer::sum);
          }
        }
      }
      int before = receiver.arrived();
      try (Node node = Node.start(data, port)) {
        await("all events")
            .atMost(REST)
            .pollInterval(Duration.ofMillis(200))
            .until(() -> receiver.arrived() >= EVENTS);
        await("the position behind them").until(() -> waiting(node) == 0);
      }

      System.out.printf(
          "%d kills: %d while starting, others %s; %d events before the last start, %d came again,"
              + " none more than %d times; %s%n",
          kills,
          whileStarting,
          moments,
          before,
          receiver.repeated(),
          receiver.mostOften(),
          receiver);
      assertThat(receiver.wrong()).isEmpty();
      assertThat(receiver.firstArrivals()).isEqualTo(stored);
      assertThat(before).as("kills that met an export").isLessThan(EVENTS);
      // A kill repeats the batch that was taken without an answer, and the one before it where the
      // position behind that was not committed yet.
      assertThat(receiver.repeated()).isLessThanOrEqualTo((2 * kills + receiver.late()) * BATCH);
    } finally {
      keepLogs(data);
    }
  }

  /** Events as the node's own detectors would have left them; their ids in the log's order. */
  private static List<String> store(Path data) throws Exception {
    List<String> ids = new ArrayList<>();
    NodeIdentity identity =
        NodeIdentity.open(data.resolve("keys"), Optional.empty(), Rsa.fastest());
    try (EventStore store =
        SqliteEventStore.open(
            data.resolve("cyphermesh.db"),
            StoreSettings.DEFAULTS,
            (reporter, firstSeen, now) -> true,
            InstantSource.system())) {
      LocalReports reports =
          new LocalReports(
              identity, store, InstantSource.system(), event -> ids.add(event.key().hex()));
      for (int first = 0; first < EVENTS; first += GROUP) {
        List<Detection> group = new ArrayList<>();
        for (int i = first; i < first + GROUP; i++) {
          group.add(
              Detection.of(
                      new Indicator.Ip("2001:db8::" + Integer.toHexString(i + 1)),
                      "ssh-bruteforce",
                      Severity.HIGH)
                  .count(5)
                  .build());
        }
        assertThat(reports.submit("test", "log-watcher", group, Optional.empty()))
            .allMatch(Optional::isEmpty);
      }
    }
    assertThat(ids).hasSize(EVENTS).doesNotHaveDuplicates();
    return ids;
  }

  private static void configure(Path data, WebhookReceiver receiver) throws IOException {
    Path secret = Files.writeString(data.resolve("webhook.secret"), SECRET + "\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        data.resolve("cyphermesh.conf"),
        """
        plugins {
          webhook-exporter {
            enabled = true
            url = "%s"
            secret-file = "%s"
            timeout = %d ms
            export { from = start, batch = %d }
          }
          log-watcher.enabled = false
          suricata-bridge.enabled = false
        }
        """
            .formatted(receiver.url(), secret, TIMEOUT.toMillis(), BATCH));
  }

  private static void kill(Node node) {
    try {
      node.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long waiting(Node node) throws IOException {
    JsonObject exporter =
        node.plugins().stream()
            .filter(plugin -> plugin.get("id").getAsString().equals("webhook-exporter"))
            .findFirst()
            .orElseThrow();
    return exporter.getAsJsonObject("lag").get("events").getAsLong();
  }

  /** For who has to find out: the folder itself goes with the test. */
  private static void keepLogs(Path data) throws IOException {
    Path target = Files.createDirectories(Path.of("target", "webhook-kill"));
    if (Files.exists(Node.output(data))) {
      Files.copy(
          Node.output(data), target.resolve("node.txt"), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
