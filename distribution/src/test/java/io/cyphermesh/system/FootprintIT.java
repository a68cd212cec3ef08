package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a node costs. The figures are printed; only the limits that hold on any machine fail. {@code
 * -Dsystem.starts=5 -Dsystem.idle=30} for figures to be quoted.
 */
@Tag("system")
class FootprintIT {
  private static final int STARTS = Integer.getInteger("system.starts", 3);
  private static final Duration IDLE = Duration.ofSeconds(Integer.getInteger("system.idle", 10));
  private static final long MOST_MEBIBYTES = 200;

  @TempDir private Path folder;

  @Test
  void aNodeIsUpSoonAndSmall() throws Exception {
    List<Duration> first = new ArrayList<>();
    List<Duration> again = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      Path data = folder.resolve("node" + i);
      first.add(start(data));
      again.add(start(data));
    }
    first.sort(null);
    again.sort(null);
    System.out.printf(
        "To the first page: median %d ms at first with a new key, %d ms with one (of %d)%n",
        first.get(STARTS / 2).toMillis(), again.get(STARTS / 2).toMillis(), STARTS);

    try (Node node = Node.start(folder.resolve("idle"), 0)) {
      List<Duration> status = new ArrayList<>();
      for (int i = 0; i < STARTS; i++) {
        Program.Result result = Program.run(node.data(), "status");
        assertThat(result.code()).isZero();
        status.add(result.took());
      }
      status.sort(null);
      System.out.printf("cyphermesh status: median %d ms%n", status.get(STARTS / 2).toMillis());
      Awaitility.await().pollDelay(IDLE).atMost(IDLE.multipliedBy(2)).until(node::isAlive);
      System.out.printf(
          "Idle for %d s: %d MiB resident, %d threads, %d files%n",
          IDLE.toSeconds(), node.rssMebibytes(), node.threads(), node.openFiles());
      assertThat(node.rssMebibytes()).isLessThanOrEqualTo(MOST_MEBIBYTES);
    }
  }

  /** The time from the launcher's start to a whole page. */
  private static Duration start(Path data) throws Exception {
    int port = Node.freePort();
    int dashboard = Node.freePort();
    URI page = URI.create("http://127.0.0.1:" + dashboard + "/");
    long begin = System.nanoTime();
    Node node = Node.launch(data, port, dashboard);
    try {
      while (!served(page)) {
        if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(60)) {
          throw new IllegalStateException("no page within a minute");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
      return Duration.ofNanos(System.nanoTime() - begin);
    } finally {
      node.awaitUp().stop();
    }
  }

  private static boolean served(URI page) {
    try {
      HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(10_000);
      try (var in = connection.getInputStream()) {
        return in.readAllBytes().length > 0 && connection.getResponseCode() == 200;
      }
    } catch (IOException e) {
      return false;
    }
  }
}
