package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandshakeRateTest {
  private final AtomicLong nanos = new AtomicLong();
  private final HandshakeRate rate = new HandshakeRate(5, nanos::get);

  @Test
  void aNetworkHasABurstAndThenItsRate() throws Exception {
    assertThat(allowedOf(100, "192.0.2.1")).isEqualTo(20);

    nanos.addAndGet(Duration.ofSeconds(2).toNanos());

    assertThat(allowedOf(100, "192.0.2.1")).isEqualTo(10);
  }

  @Test
  void addressesOfOneNetworkShareItsRate() throws Exception {
    assertThat(allowedOf(20, "192.0.2.1")).isEqualTo(20);

    assertThat(allowedOf(1, "192.0.2.254")).isZero();
    assertThat(allowedOf(1, "198.51.100.1")).isEqualTo(1);
  }

  @Test
  void anIpv6NetworkIsItsFirst48Bits() throws Exception {
    assertThat(allowedOf(20, "2001:db8:1:1::1")).isEqualTo(20);

    assertThat(allowedOf(1, "2001:db8:1:ffff::1")).isZero();
    assertThat(allowedOf(1, "2001:db8:2::1")).isEqualTo(1);
  }

  @Test
  void loopbackMayCallTwentyTimesAsOften() throws Exception {
    assertThat(allowedOf(1_000, "127.0.0.1")).isEqualTo(400);
  }

  @Test
  void theTableOfNetworksIsBounded() throws Exception {
    for (int i = 0; i < 3 * HandshakeRate.NETWORKS; i++) {
      rate.allows(InetAddress.getByAddress(new byte[] {(byte) 203, (byte) (i >> 8), (byte) i, 1}));
    }
    assertThat(rate.networks()).isEqualTo(HandshakeRate.NETWORKS);
  }

  private long allowedOf(int calls, String literal) throws UnknownHostException {
    InetAddress[] caller = InetAddress.getAllByName(literal);
    return IntStream.range(0, calls).filter(_ -> rate.allows(caller[0])).count();
  }
}
