package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.protocol.IpText.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTextTest {

  /** Most of them from RFC 5952, sections 1, 2 and 4. */
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
    "2001:db8:0000:0:1::1, 2001:db8::1:0:0:1",
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
    "::, ::",
    "0:0:0:0:0:0:0:0, ::",
    "::1, ::1",
    "1::, 1::",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "fe80::1, fe80::1",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::FFFF:c000:0201, 192.0.2.1",
    "0:0:0:0:0:ffff:192.0.2.1, 192.0.2.1",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "1:2:3:4:5:6:192.0.2.1, 1:2:3:4:5:6:c000:201"
  })
  void anAddressHasOneText(String text, String canonical) {
    assertThat(IpText.canonical(text)).contains(canonical);
    assertThat(IpText.canonical(canonical)).contains(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost",
        "example.org",
        "fe80::1%eth0",
        "fe80::1%1",
        "[::1]",
        "192.0.2",
        "192.0.2.1.1",
        "192.0.2.",
        ".0.2.1",
        "192.0.2.01",
        "192.0.2.001",
        "0300.0.2.1",
        "0xc0.0.2.1",
        "192.0.2.256",
        "192.0.2.1000",
        "192.0.2.-1",
        "192.0.2.+1",
        "192.0.2.1 ",
        "192.0.2.1:80",
        "3221225985",
        "١٩٢.0.2.1",
        ":",
        ":::",
        "1:::2",
        "1::2::3",
        ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1::2:3:4:5:6:7:8",
        "00001::",
        "12345::",
        "g::",
        "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1.2.3.4",
        "1:1:1:1:1:1:1:1:1:1:1:1:1:1:1::1.2.3.4",
        "::1.2.3",
        "::1.2.3.04",
        "192.0.2.1::",
        "1:2:3:4:5:6:7:192.0.2.1",
        "::192.0.2.1:1",
        "２001:db8::1",
        "2001:db8::١",
        "-1::",
        "+1::"
      })
  void allElseIsNoAddress(String text) {
    assertThat(IpText.parse(text)).isEmpty();
  }

  @Test
  void noTextMakesTheParserFail() {
    SplittableRandom random = new SplittableRandom(3);
    String letters = "0123456789abcdef:::::::....";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(60);
      for (int j = 0; j < length; j++) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      requireOneText(text.toString());
    }
  }

  @Test
  void noRowOfGroupsMakesTheParserFail() {
    SplittableRandom random = new SplittableRandom(4);
    List<String> groups = List.of("1", "ffff", "0", "", "1.2.3.4", "12345");
    for (int i = 0; i < 20_000; i++) {
      List<String> parts = new ArrayList<>();
      int length = 1 + random.nextInt(20);
      for (int j = 0; j < length; j++) {
        // Mostly good ones, else few texts come far.
        parts.add(groups.get(random.nextInt(8) == 0 ? random.nextInt(groups.size()) : 0));
      }
      requireOneText(String.join(":", parts) + (random.nextBoolean() ? ":192.0.2.1" : ""));
    }
  }

  private static void requireOneText(String text) {
    try {
      IpText.canonical(text).ifPresent(one -> assertThat(IpText.canonical(one)).contains(one));
    } catch (RuntimeException e) {
      throw new AssertionError("for " + text, e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, GLOBAL",
    "2001:db8::1, GLOBAL",
    "172.15.0.1, GLOBAL",
    "172.32.0.1, GLOBAL",
    "100.63.0.1, GLOBAL",
    "100.128.0.1, GLOBAL",
    "10.1.2.3, PRIVATE",
    "172.16.0.1, PRIVATE",
    "172.31.255.255, PRIVATE",
    "192.168.1.1, PRIVATE",
    "100.64.0.1, PRIVATE",
    "100.127.255.255, PRIVATE",
    "fc00::1, PRIVATE",
    "fd12:3456::1, PRIVATE",
    "::ffff:10.0.0.1, PRIVATE",
    "127.0.0.1, NEVER",
    "127.255.0.1, NEVER",
    "::1, NEVER",
    "::ffff:127.0.0.1, NEVER",
    "0.0.0.0, NEVER",
    "0.1.2.3, NEVER",
    "::, NEVER",
    "169.254.1.1, NEVER",
    "fe80::1, NEVER",
    "224.0.0.1, NEVER",
    "ff02::1, NEVER",
    "240.0.0.1, NEVER",
    "255.255.255.255, NEVER"
  })
  void anAddressHasAScope(String text, Scope scope) {
    assertThat(IpText.parse(text).map(IpText::scope)).contains(scope);
  }
}
