package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.mesh.Output;
import io.cyphermesh.core.mesh.Reconciled;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconciliationsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Reconciliations reconciliations;

  @BeforeEach
  void listen() {
    LoggerContext context = new LoggerContext();
    context.getLogger("mesh").setLevel(Level.INFO);
    lines.start();
    context.getLogger("mesh").addAppender(lines);
    reconciliations = new Reconciliations(meters, context.getLogger("mesh"));
  }

  private void ended(Reconciled.Result result, String why, int received, int served) {
    reconciliations.accept(
        new Output.CaughtUp(
            new PeerId.PlainHost("192.0.2.1"),
            new Reconciled(
                new LinkId(1), true, result, why, 0, received, 1, 0, 0, served, 4, 900, false)));
  }

  private List<String> lines() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void whatWasCaughtUpIsOneLineAndCounted() {
    ended(Reconciled.Result.COMPLETED, "", 20, 3);
    assertThat(lines())
        .containsExactly(
            "caught up with 192.0.2.1: 21 events received, 1 of them not taken, 3 sent, 900 bytes"
                + " compared in 4 messages");
    assertThat(meters.get("cyphermesh.reconciled.events").tag("direction", "in").counter().count())
        .isEqualTo(20);
    assertThat(
            meters.get("cyphermesh.reconciliations").tag("result", "completed").counter().count())
        .isEqualTo(1);
  }

  @Test
  void oneThatFoundEverythingEqualIsNoLine() {
    reconciliations.accept(
        new Output.CaughtUp(
            new PeerId.PlainHost("192.0.2.1"),
            new Reconciled(
                new LinkId(1), true, Reconciled.Result.EQUAL, "", 0, 0, 0, 0, 0, 0, 1, 60, false)));
    assertThat(lines()).isEmpty();
    assertThat(meters.get("cyphermesh.reconciliations").tag("result", "equal").counter().count())
        .isEqualTo(1);
  }
}
