package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cyphermesh.api.IpAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReportableTest {

  private final Reportable reportable =
      new Reportable(List.of("198.51.100.0/25", "203.0.113.9", "2001:db8:1::/48"));

  @ParameterizedTest
  @CsvSource({
    "10.255.0.1, private",
    "172.16.0.1, private",
    "172.31.255.255, private",
    "192.168.1.1, private",
    "127.0.0.53, loopback",
    "169.254.1.1, link-local",
    "100.64.0.1, carrier-grade NAT",
    "100.127.255.255, carrier-grade NAT",
    "224.0.0.251, multicast",
    "239.255.255.255, multicast",
    "0.0.0.0, unspecified",
    "255.255.255.255, broadcast",
    "240.0.0.1, reserved",
    "::, unspecified",
    "::1, loopback",
    "fe80::1%eth0, link-local",
    "fd00::1, private",
    "fc00::1, private",
    "ff02::1, multicast",
    "::ffff:10.0.0.1, private",
    "198.51.100.5, ignored",
    "64:ff9b::192.168.1.1, private",
    "2002:7f00:1::1, loopback",
    "::10.0.0.1, private",
    "192.0.0.8, protocol",
    "198.19.255.255, benchmark",
    "64:ff9b::203.0.113.9, ignored",
    "203.0.113.9, ignored",
    "2001:db8:1:2::3, ignored"
  })
  void anAddressThatMeansNothingToOthersIsRefused(String text, String why) {
    assertThat(reportable.refusal(IpAddress.parse(text).orElseThrow())).isEqualTo(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "11.0.0.1",
        "172.32.0.1",
        "172.15.0.1",
        "100.128.0.1",
        "192.0.2.1",
        "198.51.100.128",
        "203.0.113.10",
        "223.255.255.255",
        "2001:db8::1",
        "2001:db8:2::1",
        "2a00::1"
      })
  void anyOtherAddressMayBeReported(String text) {
    assertThat(reportable.refusal(IpAddress.parse(text).orElseThrow())).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"example.org", "192.0.2.0/33", "192.0.2.0/", "2001:db8::/129", "1/-1", ""})
  void aRangeThatIsNoneIsNamed(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Reportable(List.of(text)))
        .withMessageContaining("'" + text + "'")
        .withMessageContaining("ignore");
  }
}
