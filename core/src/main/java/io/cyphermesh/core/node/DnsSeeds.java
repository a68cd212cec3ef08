package io.cyphermesh.core.node;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.IpText;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;

/**
 * Asks name servers for addresses of other nodes: at the start while there are few links, and again
 * and again while there is none. Where no seed is named nothing is ever asked.
 */
final class DnsSeeds implements AutoCloseable {
  /** Most addresses that are taken of one seed. */
  static final int MOST_ADDRESSES = 32;

  private static final int FEW_LINKS = 4;
  private static final Duration AGAIN = Duration.ofMinutes(10);

  private final List<HostPort> seeds;
  private final Resolver resolver;
  private final IntSupplier links;
  private final Consumer<HostPort> found;
  private final Logger logger;
  private final Thread thread;

  /** What asks name servers. */
  @FunctionalInterface
  interface Resolver {
    /**
     * All IPv4 and IPv6 addresses of a name.
     *
     * @throws UnknownHostException if it has none, or nobody can be asked
     */
    List<InetAddress> resolve(String host) throws UnknownHostException;
  }

  /**
   * Seeds that are not asked yet.
   *
   * @param links how many links are up
   * @param found told of each address
   * @param patience how long the addresses that are known already have for links to come up
   */
  DnsSeeds(
      List<HostPort> seeds,
      Resolver resolver,
      IntSupplier links,
      Consumer<HostPort> found,
      Duration patience,
      Logger logger) {
    this.seeds = List.copyOf(seeds);
    this.resolver = resolver;
    this.links = links;
    this.found = found;
    this.logger = logger;
    // A platform thread: the system's resolver blocks, and cannot be interrupted.
    this.thread = Thread.ofPlatform().name("dns-seeds").daemon().unstarted(() -> run(patience));
  }

  /** The system's resolver. */
  static List<InetAddress> system(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(host));
  }

  void start() {
    if (!seeds.isEmpty()) {
      thread.start();
    }
  }

  private void run(Duration patience) {
    try {
      Thread.sleep(patience);
      lookAtStart();
      while (true) {
        Thread.sleep(AGAIN);
        lookAgain();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  void lookAtStart() {
    if (links.getAsInt() < FEW_LINKS) {
      ask();
    }
  }

  void lookAgain() {
    if (links.getAsInt() == 0) {
      ask();
    }
  }

  private void ask() {
    for (HostPort seed : seeds) {
      if (thread.isInterrupted()) {
        return;
      }
      try {
        Set<HostPort> addresses = new LinkedHashSet<>();
        for (InetAddress address : resolver.resolve(seed.host())) {
          if (addresses.size() < MOST_ADDRESSES && IpText.scope(address) != IpText.Scope.NEVER) {
            addresses.add(new HostPort(IpText.format(address), seed.port()));
          }
        }
        logger.info("the seed {} names {} addresses", seed.host(), addresses.size());
        addresses.forEach(found);
      } catch (UnknownHostException e) {
        logger.warn("no address is known for the seed {}", seed.host());
      } catch (RuntimeException e) {
        logger.warn("the seed {} could not be asked", seed.host(), e);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
