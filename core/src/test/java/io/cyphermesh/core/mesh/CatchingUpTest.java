package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.mesh.Net.Node;
import io.cyphermesh.core.testing.TestReporter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatchingUpTest {
  private static final int MISSED = 20;

  private final Net net = new Net(42);

  @Test
  void whatAReconciliationBringsIsTakenAsOldAndReported() {
    TestReporter reporter = TestReporter.create();
    Node a = net.full("a", "192.0.2.1");
    a.input(new Input.SetLoaded(List.of(), true));
    // The clock of this network begins with 1970.
    Instant time = Instant.ofEpochSecond(1);
    for (int i = 0; i < MISSED; i++) {
      a.report(reporter.event("203.0.113." + i, time));
    }
    // Longer than a new neighbour is told of what is new.
    net.run(Duration.ofSeconds(60));
    Node b = net.full("b", "192.0.2.2");
    b.input(new Input.SetLoaded(List.of(), true));
    b.knows(a);
    net.run(Duration.ofSeconds(150));
    assertThat(b.outputs)
        .filteredOn(Output.Store.class::isInstance)
        .hasSize(MISSED)
        .allMatch(
            output ->
                output instanceof Output.Store store
                    && store.route().way() == Route.Way.RECONCILED);
    assertThat(b.outputs)
        .anyMatch(
            output ->
                output instanceof Output.CaughtUp done
                    && done.report().result() == Reconciled.Result.COMPLETED
                    && done.report().received() == MISSED);
  }
}
