package io.cyphermesh.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, 203.0.113.7",
    "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8::0001, 2001:db8::1",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "::, ::",
    "1::, 1::",
    "::ffff:203.0.113.7, 203.0.113.7",
    "::ffff:cb00:7107, 203.0.113.7",
    "64:ff9b::203.0.113.7, 64:ff9b::cb00:7107",
    "fe80::1%eth0, fe80::1"
  })
  void anAddressIsWrittenInItsCanonicalForm(String text, String canonical) {
    assertThat(IpAddress.parse(text).orElseThrow()).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "attacker.example",
        "203.0.113",
        "203.0.113.7.1",
        "203.0.113.256",
        "203.0.113.07",
        "203.0.113.",
        ".203.0.113.7",
        "203..113.7",
        "+203.0.113.7",
        "203.0.113.7 ",
        "0x7f.0.0.1",
        "3405803783",
        "٢٠٣.0.113.7",
        "5.36.59.76.dsl.example",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "1:2:3:4::5:6:7:8",
        "2001:db8::g",
        "2001:db8::12345",
        "2001:db8:",
        ":2001:db8::1",
        "::203.0.113",
        "1:2:3:4:5:6:7:203.0.113.7",
        "::203.0.113.7:1",
        "2001:db8::1%",
        "[2001:db8::1]"
      })
  void whatIsNoAddressIsNotRead(String text) {
    assertThat(IpAddress.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "64:ff9b::203.0.113.7, 203.0.113.7",
    "2002:cb00:7107::1, 203.0.113.7",
    "::203.0.113.7, 203.0.113.7"
  })
  void anIpv4HostInsideAnIpv6AddressIsFound(String text, String host) {
    assertThat(IpAddress.parse(text).orElseThrow().embedded().orElseThrow()).hasToString(host);
  }

  @ParameterizedTest
  @ValueSource(strings = {"203.0.113.7", "2001:db8::1", "::", "::1", "64:ff9b:1::203.0.113.7"})
  void otherAddressesEmbedNone(String text) {
    assertThat(IpAddress.parse(text).orElseThrow().embedded()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, private",
    "100.64.0.1, carrier-grade NAT",
    "127.0.0.53, loopback",
    "169.254.1.1, link-local",
    "192.0.0.8, protocol",
    "198.18.0.1, benchmark",
    "224.0.0.251, multicast",
    "0.0.0.0, unspecified",
    "255.255.255.255, broadcast",
    "240.0.0.1, reserved",
    "::, unspecified",
    "::1, loopback",
    "64:ff9b:1::1, private",
    "100::1, discard",
    "fe80::1%eth0, link-local",
    "fd00::1, private",
    "fec0::1, private",
    "ff02::1, multicast",
    "::ffff:10.0.0.1, private",
    "64:ff9b::10.0.0.1, private",
    "2002:a00:1::1, private",
    "::192.168.0.1, private"
  })
  void whatMeansAnotherHostElsewhereIsNotReported(String text, String why) {
    assertThat(IpAddress.parse(text).orElseThrow().notReportable()).contains(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "11.0.0.1",
        "172.32.0.1",
        "100.128.0.1",
        "192.0.2.1",
        "198.17.255.255",
        "198.20.0.0",
        "2001:db8::1",
        "2a00::1",
        "64:ff9b::203.0.113.7",
        "2002:cb00:7107::1"
      })
  void whatMeansTheSameEverywhereIs(String text) {
    assertThat(IpAddress.parse(text).orElseThrow().notReportable()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"example.org", "192.0.2.0/33", "192.0.2.0/", "2001:db8::/129", "1/-1", ""})
  void aRangeThatIsNoneIsNamed(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IpRange.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @Test
  void aRangeOfAllAddressesHoldsEachOfItsKind() {
    assertThat(IpRange.parse("0.0.0.0/0").contains(IpAddress.ofV4(0x01020304))).isTrue();
    assertThat(IpRange.parse("0.0.0.0/0").contains(new IpAddress(1, 1))).isFalse();
    assertThat(IpRange.parse("::/0").contains(new IpAddress(-1, -1))).isTrue();
  }
}
