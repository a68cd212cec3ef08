package io.cyphermesh.discovery.lan;

import io.cyphermesh.api.DiscoveryContext;
import io.cyphermesh.api.PeerDiscovery;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Finds peers on the LAN by the UDP broadcasts that original nodes speak as well. */
public final class LanDiscovery implements PeerDiscovery {
  private final RandomGenerator random;

  public LanDiscovery() {
    this(new SplittableRandom());
  }

  LanDiscovery(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public void run(DiscoveryContext context) throws IOException, InterruptedException {
    Settings settings = context.config(Settings.class);
    Function<Instant, List<Subnet>> networks =
        new Networks(settings.interfaces(), context.logger())::at;
    Neighbourhood neighbours = new Neighbourhood(context, networks, random);
    try (LanSocket socket = LanSocket.open(settings.port(), context.logger())) {
      while (true) {
        Optional<Packet> due = neighbours.due();
        if (due.isPresent()) {
          Set<InetAddress> targets =
              networks.apply(context.clock().instant()).stream()
                  .map(Subnet::broadcast)
                  .collect(Collectors.toSet());
          neighbours.said(due.get(), socket.send(due.get().bytes(), targets));
        }
        socket.receive(neighbours.quiet(), neighbours::heard);
      }
    }
  }
}
