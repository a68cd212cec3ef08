package io.cyphermesh.dashboard.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoginRateTest {
  private final AtomicLong nanos = new AtomicLong();
  private final LoginRate rate = new LoginRate(nanos::get);

  private int tries(String address, int times) {
    int let = 0;
    for (int i = 0; i < times; i++) {
      if (rate.take(address).isEmpty()) {
        let++;
      }
    }
    return let;
  }

  @Test
  void tenWrongLoginsOfOneNetworkAndThenOneEveryTenSeconds() {
    assertThat(tries("192.0.2.1", 10_000)).isEqualTo(10);
    assertThat(rate.take("192.0.2.1")).contains(Duration.ofSeconds(10));
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(tries("192.0.2.1", 100)).isEqualTo(1);
    assertThat(tries("192.0.2.2", 100)).isEqualTo(10);
  }

  @Test
  void anIpv6HostHasOneNetwork() {
    assertThat(LoginRate.network("2001:db8:1:2:3:4:5:6"))
        .isEqualTo(LoginRate.network("2001:db8:1:2:a:b:c:d%eth0"))
        .isNotEqualTo(LoginRate.network("2001:db8:1:3:3:4:5:6"));
  }

  @Test
  void manyNetworksTogetherHaveABoundAndTakeBoundedMemory() {
    int let = 0;
    for (int i = 0; i < 20_000; i++) {
      let += tries("10." + i / 65536 + "." + i / 256 % 256 + "." + i % 256, 1);
    }
    assertThat(let).isEqualTo(100);
    assertThat(rate.networks()).isLessThanOrEqualTo(LoginRate.MOST_NETWORKS);
  }
}
