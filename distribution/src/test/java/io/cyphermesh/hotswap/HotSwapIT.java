package io.cyphermesh.hotswap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes exchange 1,000 events/s while plugins come, change, break and go. */
@Tag("system")
class HotSwapIT {
  private static final int PER_SECOND_AND_WAY = 500;

  /** Of each direction; a reporter may send 20 events/s. */
  private static final int REPORTERS = 50;

  private static final Duration LATE = Duration.ofSeconds(1);

  private final int seconds = Integer.getInteger("cyphermesh.hotswap.seconds", 120);

  @TempDir private Path folder;
  private LiveNode a;
  private LiveNode b;

  @BeforeEach
  void linkBoth() throws IOException {
    a = LiveNode.start(folder.resolve("a"), Optional.empty());
    b = LiveNode.start(folder.resolve("b"), Optional.of(a.address()));
    await("a link").atMost(Duration.ofSeconds(20)).until(() -> a.links() == 1 && b.links() == 1);
  }

  @AfterEach
  void stopBoth() {
    for (LiveNode node : new LiveNode[] {b, a}) {
      if (node != null) {
        node.close();
      }
    }
  }

  /** Seconds of the same load before it is measured: the compilers take their time. */
  private static final int WARM_UP = 10;

  @Test
  void noEventIsLostOrLateWhilePluginsComeAndGo() throws Exception {
    long seed = Long.getLong("cyphermesh.hotswap.seed", System.nanoTime());
    System.out.println("seed: -Dcyphermesh.hotswap.seed=" + seed);
    int warmUp = WARM_UP * PER_SECOND_AND_WAY;
    int events = warmUp + seconds * PER_SECOND_AND_WAY;
    Path target = Path.of("target", "hotswap").toAbsolutePath();
    Path fromA = SignedFrames.of(target, "a", events, REPORTERS);
    Path fromB = SignedFrames.of(target, "b", events, REPORTERS);
    Plugins plugins = new Plugins(folder.resolve("jars"));
    Random random = new Random(seed);
    Churn churnA = new Churn(a, plugins, random.nextLong());
    Churn churnB = new Churn(b, plugins, random.nextLong());
    try (Loaders loaders = new Loaders();
        Crossing aToB = crossing("a-b", fromA, warmUp, events, a, b);
        Crossing bToA = crossing("b-a", fromB, warmUp, events, b, a)) {
      aToB.start();
      bToA.start();
      awaitLoad("the warm-up", aToB, bToA, () -> aToB.warm() && bToA.warm());
      while (!aToB.allSent() || !bToA.allSent()) {
        churnA.step();
        churnB.step();
        aToB.check();
        bToA.check();
      }
      awaitLoad("the last events", aToB, bToA, () -> aToB.missing() + bToA.missing() == 0);
      System.out.printf("A to B: %s%nB to A: %s%n", aToB.latencies(), bToA.latencies());
      System.out.printf(
          "%d steps: %s and %s%n", churnA.steps() + churnB.steps(), churnA.done(), churnB.done());
      assertNoneIsLost(fromA, fromB, events);

      churnA.end();
      churnB.end();
      assertNothingIsLeft(loaders);
      // Last, so that a machine that is too busy hides nothing else.
      assertThat(aToB.latencies().percentile(99)).isLessThan(LATE);
      assertThat(bToA.latencies().percentile(99)).isLessThan(LATE);
    }
  }

  private static void awaitLoad(
      String what, Crossing aToB, Crossing bToA, Callable<Boolean> condition) {
    await(what)
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              aToB.check();
              bToA.check();
              return condition.call();
            });
  }

  /** Both nodes have every event of both directions. */
  private void assertNoneIsLost(Path fromA, Path fromB, int events) throws IOException {
    for (LiveNode node : new LiveNode[] {a, b}) {
      Set<String> stored = node.stored();
      for (Path frames : new Path[] {fromA, fromB}) {
        int lost = 0;
        try (SignedFrames.Reader reader = new SignedFrames.Reader(frames)) {
          for (int n = 0; n < events; n++) {
            lost += stored.contains(reader.next().id()) ? 0 : 1;
          }
        }
        assertThat(lost).as("events lost of " + frames).isZero();
      }
    }
    System.out.printf("lost: 0 of %,d on each node%n", 2 * events);
  }

  private void assertNothingIsLeft(Loaders loaders) {
    await("every class loader to be collected")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> loaders.left() == 0);
    System.out.printf("class loaders: %d created, %d left%n", loaders.created(), loaders.left());
    assertThat(loaders.created()).isPositive();
    await("threads, files and copies of plugins to be gone")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(LeftOver.threads(Churn.IDS)).isEmpty();
              assertThat(LeftOver.grouped(Churn.IDS)).isEmpty();
              assertThat(LeftOver.deletedJars()).isEmpty();
              for (LiveNode node : new LiveNode[] {a, b}) {
                assertThat(node.running())
                    .isDirectoryNotContaining(
                        file ->
                            Churn.IDS.stream()
                                .anyMatch(id -> file.getFileName().toString().startsWith(id)));
                assertThat(node.view().plugins())
                    .extracting(PluginView::id)
                    .containsExactly("tcp-transport");
              }
            });
  }

  private Crossing crossing(
      String name, Path frames, int warmUp, int events, LiveNode from, LiveNode to)
      throws IOException {
    NodeIdentity peer =
        NodeIdentity.open(folder.resolve("feeder-" + name), Optional.empty(), Rsa.fastest());
    return new Crossing(
        name,
        frames,
        warmUp,
        events,
        PER_SECOND_AND_WAY,
        Feeder.dial(peer, from.address().port()),
        to.view());
  }
}
