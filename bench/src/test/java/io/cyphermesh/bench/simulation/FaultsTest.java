package io.cyphermesh.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final int SENT = 1_000;

  private final World world = new World(1, Network.UNIFORM);
  private final Listener a = new Listener(1);
  private final Listener b = new Listener(2);

  private final class Listener implements Actor {
    final Host host;
    final List<End> up = new ArrayList<>();
    final List<Long> heard = new ArrayList<>();
    final List<Long> times = new ArrayList<>();
    int downs;
    int failed;

    Listener(int network) {
      host = world.host(network);
      host.run(this);
    }

    @Override
    public void linkUp(End end) {
      up.add(end);
    }

    @Override
    public void linkDown(End end, String reason) {
      downs++;
    }

    @Override
    public void dialFailed(HostPort address, String reason, boolean self) {
      failed++;
    }

    @Override
    public void received(End end, Message message) {
      heard.add(((Message.Ping) message).n());
      times.add(world.now());
    }

    @Override
    public void timer() {}
  }

  private void link() {
    world.dial(a.host, b.host.address, new DialPolicy.AnyNode());
    world.run(Duration.ofSeconds(1));
    assertThat(a.up).hasSize(1);
    assertThat(b.up).hasSize(1);
  }

  private void sendAll() {
    for (long i = 0; i < SENT; i++) {
      world.send(a.up.getFirst(), new Message.Ping(i));
    }
    world.run(Duration.ofSeconds(20));
  }

  @Test
  void whatIsSentArrivesOnceInItsOrder() {
    link();
    sendAll();
    assertThat(b.heard).hasSize(SENT).isSorted();
  }

  @Test
  void lossLosesItsShare() {
    link();
    world.faults.loss = 0.2;
    sendAll();
    assertThat(b.heard.size()).isBetween(700, 900);
  }

  @Test
  void duplicationRepeatsItsShare() {
    link();
    world.faults.duplication = 0.2;
    sendAll();
    assertThat(b.heard.size()).isBetween(1_100, 1_300);
    assertThat(b.heard.stream().distinct().count()).isEqualTo(SENT);
  }

  @Test
  void reorderingHasSomeOvertaken() {
    link();
    world.faults.reordering = 0.2;
    sendAll();
    assertThat(b.heard).hasSize(SENT);
    assertThat(b.heard).isNotEqualTo(b.heard.stream().sorted().toList());
  }

  @Test
  void aOneWayCutStopsOneWayAndEveryDial() {
    link();
    BitSet from = new BitSet();
    from.set(a.host.number);
    BitSet to = new BitSet();
    to.set(b.host.number);
    world.faults.add(new Faults.Cut(from, to));
    sendAll();
    world.send(b.up.getFirst(), new Message.Ping(7));
    world.dial(b.host, a.host.address, new DialPolicy.AnyNode());
    world.run(Duration.ofSeconds(6));
    assertThat(b.heard).isEmpty();
    assertThat(a.heard).containsExactly(7L);
    assertThat(b.failed).isEqualTo(1);
    world.faults.heal();
    sendAll();
    assertThat(b.heard).hasSize(SENT);
  }

  @Test
  void aSlowLineTakesAsLongAsItsBytesDo() {
    link();
    a.host.bytesPerSecond = 15_000;
    long begin = world.now();
    sendAll();
    assertThat((b.times.getLast() - begin) / 1e9).isBetween(9.5, 11.0);
  }

  @Test
  void aCrashIsToldToPeersUnlessTheMachineIsGone() {
    link();
    world.crash(b.host, true);
    world.run(Duration.ofSeconds(1));
    assertThat(a.downs).isZero();
    world.dial(a.host, b.host.address, new DialPolicy.AnyNode());
    world.run(Duration.ofSeconds(6));
    assertThat(a.failed).isEqualTo(1);
  }

  @Test
  void aProcessThatEndsResetsItsLinks() {
    link();
    world.crash(b.host, false);
    world.run(Duration.ofSeconds(1));
    assertThat(a.downs).isEqualTo(1);
  }

  @Test
  void whoeverDoesNotReadIsHeardOfNoMoreUntilHeReads() {
    link();
    world.setReads(b.host, false);
    sendAll();
    assertThat(b.heard).isEmpty();
    world.setReads(b.host, true);
    assertThat(b.heard).hasSize(SENT).isSorted();
  }
}
