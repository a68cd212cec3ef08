package io.cyphermesh.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class SenderTest {
  private static final Duration SHORT = Duration.ofMillis(100);

  private final Queue<Sender.Connector> connections = new ConcurrentLinkedQueue<>();
  private final Sender sender = new Sender(settings(), () -> connections.remove().connect());

  @Test
  void anAttemptThatConnectsLateDoesNotTouchTheWireOfItsSuccessor() throws Exception {
    Semaphore slow = new Semaphore(0);
    FakeWire late = new FakeWire();
    FakeWire next = new FakeWire();
    connections.add(
        () -> {
          // As a name that is looked up, deaf to interrupts.
          slow.acquireUninterruptibly();
          return late;
        });
    connections.add(() -> next);

    assertThatThrownBy(() -> sender.send(messages("first"))).isInstanceOf(IOException.class);
    sender.send(messages("first"));
    slow.release();
    await().until(() -> late.closed);
    sender.send(messages("second"));

    assertThat(late.sent).isEmpty();
    assertThat(next.sent).containsExactly("first", "second");
    assertThat(next.closed).isFalse();
  }

  @Test
  void whatIsGivenUpClosesItsWire() {
    FakeWire stuck = new FakeWire();
    stuck.pace.drainPermits();
    connections.add(() -> stuck);

    assertThatThrownBy(() -> sender.send(messages("first")))
        .hasMessage("siem.example:514 does not read what is sent");
    assertThat(stuck.closed).isTrue();
    stuck.pace.release();
  }

  private static List<byte[]> messages(String text) {
    return List.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Settings settings() {
    return new Settings(
        "siem.example",
        0,
        Settings.Carrier.TCP,
        Settings.Framing.LF,
        true,
        Settings.Format.CEF,
        false,
        8_096,
        Settings.Facility.LOCAL4,
        "cyphermesh",
        "node1.example",
        "",
        "",
        "",
        SHORT,
        SHORT);
  }

  private static final class FakeWire implements Wire {
    final List<String> sent = new CopyOnWriteArrayList<>();
    final Semaphore pace = new Semaphore(1_000);
    volatile boolean closed;

    @Override
    public void send(List<byte[]> messages) {
      pace.acquireUninterruptibly();
      messages.forEach(it -> sent.add(new String(it, StandardCharsets.UTF_8)));
    }

    @Override
    public void confirm() {
      // Read at once.
    }

    @Override
    public boolean reusable() {
      return true;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
