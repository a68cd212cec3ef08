package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.mesh.Net.Node;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoresTest {
  private final Net net = new Net(7);
  private final Node self = ready("a", 1);

  private Node ready(String digit, int number) {
    Node node = net.full(digit, "10.0.0." + number);
    node.input(new Input.SetLoaded(List.of(), true));
    return node;
  }

  private List<Output.Close> closes() {
    return self.outputs(Output.Close.class).stream()
        .filter(close -> close.reason().equals(Mesh.TOO_LOW))
        .toList();
  }

  private void comparesNothingWith(Node peer) {
    self.knows(peer);
    net.run(Duration.ofSeconds(1));
    peer.ends.values().forEach(end -> end.aloof = true);
  }

  @Test
  void whoNeverAnswersAComparisonGoesWhereThereAreOthers() {
    for (int i = 0; i < 3; i++) {
      self.knows(ready("" + (i + 1), 10 + i));
    }
    comparesNothingWith(ready("b", 2));
    net.run(Duration.ofMinutes(5));
    assertThat(closes()).hasSize(1);
  }

  @Test
  void whoBeginsComparisonsAndDoesNotWantTheAnswerGoes() {
    for (int i = 0; i < 3; i++) {
      self.knows(ready("" + (i + 1), 10 + i));
    }
    Node asking = ready("b", 2);
    self.knows(asking);
    net.run(Duration.ofMinutes(2));
    Net.End end = self.end(asking);
    for (int i = 0; i < 6 && end.open; i++) {
      // More than we have, so that we ask what of it is meant.
      self.input(new Input.Received(end.id, new Message.Digest(0, 1_000_000, new byte[16])));
      self.input(new Input.Received(end.id, new Message.Reconcile(Ranges.stop())));
      net.run(Duration.ofSeconds(20));
    }
    assertThat(closes()).hasSize(1);
  }

  @Test
  void whereThereAreFewOthersItIsKept() {
    self.knows(ready("1", 10));
    Node slow = ready("b", 2);
    comparesNothingWith(slow);
    net.run(Duration.ofMinutes(30));
    assertThat(closes()).isEmpty();
    assertThat(self.peers()).contains(slow.id);
  }

  @Test
  void whatWasBadIsForgottenInTime() {
    Node slow = ready("b", 2);
    comparesNothingWith(slow);
    net.run(Duration.ofMinutes(3));
    long then = self.links().getFirst().score();
    assertThat(then).isNegative();
    slow.ends.values().forEach(end -> end.aloof = false);
    net.run(Duration.ofMinutes(10));
    assertThat(self.links().getFirst().score()).isEqualTo(then + 20);
  }
}
