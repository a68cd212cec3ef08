package io.cyphermesh.discovery.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubnetTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 24, 192.0.2.255",
    "198.51.100.130, 25, 198.51.100.255",
    "198.51.100.5, 30, 198.51.100.7",
    "10.1.2.3, 8, 10.255.255.255",
    "172.16.5.4, 20, 172.16.15.255",
    "127.0.0.1, 8, 127.255.255.255",
  })
  void itsBroadcastAddressEndsInOnes(String own, int prefix, String broadcast) {
    assertThat(new Subnet(address(own), prefix).broadcast()).isEqualTo(address(broadcast));
  }

  @ParameterizedTest
  @CsvSource({
    "198.51.100.129, true",
    "198.51.100.254, true",
    "198.51.100.130, true",
    "198.51.100.128, false",
    "198.51.100.255, false",
    "198.51.100.127, false",
    "198.51.101.129, false",
    "203.0.113.9, false",
    "255.255.255.255, false",
    "0.0.0.0, false",
    "224.0.0.1, false",
  })
  void itHoldsItsHostsOnly(String source, boolean held) {
    Subnet subnet = new Subnet(address("198.51.100.130"), 25);
    assertThat(subnet.holdsHost(address(source))).isEqualTo(held);
  }

  @Test
  void aNetworkWithoutRoomForOthersIsNone() {
    assertThatThrownBy(() -> new Subnet(address("192.0.2.1"), 31))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Subnet(address("192.0.2.1"), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Inet4Address address(String text) {
    return Inet4Address.ofLiteral(text);
  }
}
