package io.cyphermesh.core.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.testing.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SendQueueTest {
  private static final NodeId A = new NodeId("a".repeat(64));
  private static final NodeId B = new NodeId("b".repeat(64));
  private static final NodeId C = new NodeId("c".repeat(64));

  private final FakeClock clock = new FakeClock("2026-11-22T10:06:00Z");

  private SendQueue queue(int frames, long bytes, double perSecond) {
    return new SendQueue(
        new LinkSettings(
            2_000,
            5_000,
            4e6,
            8e6,
            200,
            20_000,
            40_000,
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            128,
            frames,
            bytes,
            perSecond,
            200,
            perSecond),
        clock);
  }

  private static byte[] frame(String text) {
    return text.getBytes(US_ASCII);
  }

  private static List<String> take(SendQueue queue) throws InterruptedException {
    return queue.take().stream().map(bytes -> new String(bytes, US_ASCII)).toList();
  }

  private static void offer(SendQueue queue, NodeId reporter, String... texts) {
    for (String text : texts) {
      assertThat(queue.offer(reporter, frame(text), 1)).isTrue();
    }
  }

  @Test
  void theFirstThatWaitsToBeMadeUpForIsKnown() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    assertThat(queue.firstReplayed()).isEqualTo(Long.MAX_VALUE);
    assertThat(queue.putReplayed(A, frame("one"), 7)).isTrue();
    assertThat(queue.putReplayed(B, frame("two"), 8)).isTrue();
    assertThat(queue.firstReplayed()).isEqualTo(7);
    assertThat(queue.take()).hasSize(2);
    assertThat(queue.firstReplayed()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void reportersTakeTurns() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    offer(queue, A, "a1", "a2", "a3", "a4");
    offer(queue, B, "b1", "b2");
    offer(queue, C, "c1");
    assertThat(take(queue)).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4");
  }

  @Test
  void controlGoesFirstAndNewEventsBeforeThoseMadeUpFor() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    assertThat(queue.putReplayed(A, frame("old"), 1)).isTrue();
    offer(queue, A, "new");
    assertThat(queue.offer(frame("ping"))).isTrue();
    assertThat(take(queue)).containsExactly("ping", "new", "old");
  }

  @Test
  void aReporterIsPacedAndOthersAreNotHeldUp() throws Exception {
    SendQueue queue = queue(100, 1_000, 2);
    offer(queue, A, "a1", "a2", "a3");
    offer(queue, B, "b1");
    assertThat(take(queue)).containsExactly("a1", "b1", "a2");
    CompletableFuture<List<String>> next = taken(queue);
    offer(queue, B, "b2");
    assertThat(next.get(10, TimeUnit.SECONDS)).containsExactly("b2");
    clock.advance(Duration.ofMillis(500));
    assertThat(take(queue)).containsExactly("a3");
  }

  private static CompletableFuture<List<String>> taken(SendQueue queue) {
    CompletableFuture<List<String>> taken = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("take")
        .start(
            () -> {
              try {
                taken.complete(take(queue));
              } catch (InterruptedException e) {
                taken.completeExceptionally(e);
              }
            });
    return taken;
  }

  @Test
  void beyondItsFramesANewEventIsLeftOutAndTheLeastIsTold() throws InterruptedException {
    SendQueue queue = queue(2, 1_000, 1_000);
    offer(queue, A, "a1", "a2");
    assertThat(queue.offer(A, frame("a3"), 13)).isFalse();
    assertThat(queue.offer(A, frame("a4"), 12)).isFalse();
    assertThat(queue.offer(A, frame("a5"), 14)).isFalse();
    assertThat(queue.awaitLeftOut(1_000_000)).isEmpty();
    assertThat(queue.drained()).isFalse();
    take(queue);
    assertThat(queue.awaitLeftOut(1_000_000_000)).isEqualTo(OptionalLong.of(12));
    assertThat(queue.awaitLeftOut(1_000_000)).isEmpty();
  }

  @Test
  void whoeverFloodsIsLeftOutForOthers() throws InterruptedException {
    SendQueue queue = queue(3, 1_000, 1_000);
    queue.offer(A, frame("a1"), 10);
    queue.offer(A, frame("a2"), 11);
    queue.offer(A, frame("a3"), 12);
    assertThat(queue.offer(B, frame("b1"), 13)).isFalse();
    assertThat(take(queue)).containsExactly("a1", "b1", "a2");
    assertThat(queue.awaitLeftOut(1_000_000_000)).isEqualTo(OptionalLong.of(12));
  }

  @Test
  void beyondItsBytesANewEventIsLeftOut() {
    SendQueue queue = queue(100, 10, 1_000);
    offer(queue, A, "0123456789");
    assertThat(queue.offer(A, frame("x"), 2)).isFalse();
  }

  @Test
  void controlFramesAreBounded() {
    SendQueue queue = queue(100, 10, 1_000);
    int taken = 0;
    while (queue.offer(frame("ping"))) {
      taken++;
    }
    assertThat(taken).isEqualTo(1_024);
  }

  @Test
  void whatIsMadeUpForWaitsForRoom() throws Exception {
    SendQueue queue = queue(100, 1_000_000, 10_000);
    for (int i = 0; i < 256; i++) {
      queue.putReplayed(A, frame("x"), 1);
    }
    CompletableFuture<Boolean> put = new CompletableFuture<>();
    Thread putter =
        Thread.ofPlatform()
            .name("put")
            .start(
                () -> {
                  try {
                    put.complete(queue.putReplayed(A, frame("last"), 1));
                  } catch (InterruptedException e) {
                    put.completeExceptionally(e);
                  }
                });
    await().until(() -> putter.getState() == Thread.State.WAITING);
    assertThat(put).isNotDone();
    take(queue);
    assertThat(put.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void itIsDrainedOnceTheNextFramesAreAskedFor() throws Exception {
    SendQueue queue = queue(100, 1_000, 1_000);
    assertThat(queue.drained()).isTrue();
    offer(queue, A, "a1");
    assertThat(queue.drained()).isFalse();
    take(queue);
    assertThat(queue.drained()).isFalse();
    CompletableFuture<List<String>> next = taken(queue);
    await().until(queue::drained);
    queue.close();
    assertThat(next.get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void whenTheLinkIsGoneNobodyWaits() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    queue.close();
    assertThat(queue.isClosed()).isTrue();
    assertThat(queue.take()).isEmpty();
    assertThat(queue.offer(frame("x"))).isFalse();
    assertThat(queue.offer(A, frame("x"), 1)).isFalse();
    assertThat(queue.putReplayed(A, frame("x"), 1)).isFalse();
    assertThat(queue.awaitLeftOut(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void aBatchIsBoundedSoThatControlNeverWaitsLong() throws InterruptedException {
    SendQueue queue = queue(1_000, 100_000, 10_000);
    for (int i = 0; i < 200; i++) {
      offer(queue, A, "a" + i);
    }
    assertThat(take(queue)).hasSize(64);
    queue.offer(frame("ping"));
    assertThat(take(queue)).startsWith("ping").hasSize(64);
  }

  @Test
  void announcementsGoBehindControlAndBeforeNewEvents() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    offer(queue, A, "new");
    assertThat(queue.offerDroppable(frame("ihave"))).isTrue();
    assertThat(queue.offer(frame("ping"))).isTrue();
    assertThat(queue.waiting()).isEqualTo(3);
    assertThat(take(queue)).containsExactly("ping", "ihave", "new");
    assertThat(queue.waiting()).isZero();
    assertThat(queue.eventsTaken()).isEqualTo(1);
  }

  @Test
  void announcementsBeyondTheirRoomAreDroppedAndNothingElseIs() {
    SendQueue queue = queue(100, 1_000, 1_000);
    int taken = 0;
    while (queue.offerDroppable(frame("ihave"))) {
      taken++;
    }
    assertThat(taken).isEqualTo(64);
    assertThat(queue.offer(frame("ping"))).isTrue();
    offer(queue, A, "new");
  }

  @Test
  void aReaderWhoIsSlowWithEventsLosesAnnouncementsFirst() {
    SendQueue queue = queue(4, 1_000, 1_000);
    offer(queue, A, "a1", "a2");
    assertThat(queue.offerDroppable(frame("ihave"))).isFalse();
    offer(queue, A, "a3");
    SendQueue bytes = queue(100, 10, 1_000);
    offer(bytes, A, "01234");
    assertThat(bytes.offerDroppable(frame("ihave"))).isFalse();
    offer(bytes, A, "5");
  }

  @Test
  void uploadsGoLastAndOneAtATime() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    assertThat(queue.offerUpload(frame("u1"), 256)).isTrue();
    assertThat(queue.offerUpload(frame("u2"), 3)).isTrue();
    assertThat(queue.putReplayed(A, frame("old"), 1)).isTrue();
    offer(queue, A, "new");
    assertThat(take(queue)).containsExactly("new", "old", "u1");
    assertThat(queue.eventsTaken()).isEqualTo(258);
    offer(queue, A, "newer");
    assertThat(take(queue)).containsExactly("newer", "u2");
    assertThat(queue.drained()).isFalse();
  }

  @Test
  void uploadsHaveRoomUntilAMebibyteWaitsAndAreBounded() throws InterruptedException {
    SendQueue queue = queue(100, 1_000, 1_000);
    byte[] large = new byte[600_000];
    assertThat(queue.offerUpload(large, 1)).isTrue();
    assertThat(queue.hasUploadRoom()).isTrue();
    assertThat(queue.offerUpload(large, 1)).isTrue();
    assertThat(queue.hasUploadRoom()).isFalse();
    int more = 0;
    while (queue.offerUpload(large, 1)) {
      more++;
    }
    assertThat(more).isEqualTo(5);
    for (int i = 0; i < 6; i++) {
      assertThat(queue.take()).containsExactly(large);
    }
    assertThat(queue.hasUploadRoom()).isTrue();
    queue.close();
    assertThat(queue.hasUploadRoom()).isFalse();
    assertThat(queue.offerUpload(large, 1)).isFalse();
  }
}
