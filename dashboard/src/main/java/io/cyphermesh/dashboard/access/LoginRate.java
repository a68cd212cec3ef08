package io.cyphermesh.dashboard.access;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Bounds wrong logins. No guess ever finds 256 random bits; the bound keeps guessing from costing
 * anything, and from filling logs.
 *
 * <p>Each network has 10 wrong ones and gets one more every 10 s; all together have 100, and 5 more
 * a second. A right one is not counted, and always let in: else strangers could lock its owner out.
 */
public final class LoginRate {
  private static final double BURST = 10;
  private static final double PER_SECOND = 0.1;
  private static final double BURST_OF_ALL = 100;
  private static final double PER_SECOND_OF_ALL = 5;
  static final int MOST_NETWORKS = 1024;

  private final LongSupplier nanos;
  private final Ration all;
  private final Map<String, Ration> networks =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Ration> eldest) {
          return size() > MOST_NETWORKS;
        }
      };

  /**
   * @param nanos a clock that nobody sets
   */
  public LoginRate(LongSupplier nanos) {
    this.nanos = nanos;
    this.all = new Ration(PER_SECOND_OF_ALL, BURST_OF_ALL, nanos.getAsLong());
  }

  /**
   * Counts a wrong login.
   *
   * @param address the IP address that it came from
   * @return how long whoever it was is to wait; empty where he may be told that it was wrong
   */
  public synchronized Optional<Duration> take(String address) {
    long now = nanos.getAsLong();
    Ration own =
        networks.computeIfAbsent(network(address), _ -> new Ration(PER_SECOND, BURST, now));
    Optional<Duration> wait = own.untilOne(now).or(() -> all.untilOne(now));
    if (wait.isEmpty()) {
      var _ = own.tryTake(now);
      var _ = all.tryTake(now);
    }
    return wait;
  }

  synchronized int networks() {
    return networks.size();
  }

  /** An IPv6 host has a whole /64 to come from. */
  static String network(String address) {
    int scope = address.indexOf('%');
    String bare = scope < 0 ? address : address.substring(0, scope);
    if (bare.indexOf(':') < 0) {
      return bare;
    }
    int end = bare.indexOf("::");
    String[] groups = (end < 0 ? bare : bare.substring(0, end)).split(":", -1);
    StringBuilder network = new StringBuilder();
    for (int i = 0; i < Math.min(4, groups.length); i++) {
      network.append(groups[i]).append(':');
    }
    return network.toString();
  }
}
