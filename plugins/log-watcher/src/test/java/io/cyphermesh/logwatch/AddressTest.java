package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTest {

  private final Reportable reportable =
      new Reportable(List.of("198.51.100.0/25", "203.0.113.9", "2001:db8:1::/48"));

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
    assertThat(Address.parse(text)).hasToString(canonical);
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
    assertThat(Address.parse(text)).isNull();
  }

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
    "203.0.113.9, ignored",
    "2001:db8:1:2::3, ignored"
  })
  void anAddressThatMeansNothingToOthersIsRefused(String text, String why) {
    assertThat(reportable.refusal(Objects.requireNonNull(Address.parse(text)))).isEqualTo(why);
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
    assertThat(reportable.refusal(Objects.requireNonNull(Address.parse(text)))).isNull();
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

  @Test
  void aRangeOfAllAddressesHoldsEachOfItsKind() {
    assertThat(AddressRange.parse("0.0.0.0/0").contains(Address.ofV4(0x01020304))).isTrue();
    assertThat(AddressRange.parse("0.0.0.0/0").contains(new Address(1, 1))).isFalse();
    assertThat(AddressRange.parse("::/0").contains(new Address(-1, -1))).isTrue();
  }
}
