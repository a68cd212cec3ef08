package io.cyphermesh.suricata;

import static io.cyphermesh.suricata.Eve.ATTACKER;
import static io.cyphermesh.suricata.Eve.HOME;
import static io.cyphermesh.suricata.Eve.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every path of the decision who attacked. */
final class DirectionTest {

  private static final String PROXY = "192.0.2.80";

  private static Attribution decide(Eve eve) {
    return decide(List.of("private"), List.of(PROXY, "10.9.9.9"), eve);
  }

  private static Attribution decide(List<String> home, List<String> proxies, Eve eve) {
    if (EveParser.parse(eve.line()) instanceof EveLine.Alert(EveAlert alert)) {
      return new Attributor(new Networks(home, proxies)).decide(alert);
    }
    throw new AssertionError(eve.line());
  }

  private static void assertAttacker(Attribution decision, String address, String reason) {
    assertThat(decision).isInstanceOf(Attribution.Attacker.class);
    assertThat(((Attribution.Attacker) decision).address()).hasToString(address);
    assertThat(decision.reason()).contains(reason);
  }

  private static void assertNobody(Attribution decision, String reason) {
    assertThat(decision).isInstanceOf(Attribution.Nobody.class);
    assertThat(decision.reason()).contains(reason);
  }

  // The rule names both sides.

  @Test
  void aRuleThatNamesItsTargetDecides() {
    Eve eve = Eve.alert(OTHER, ATTACKER).side("source", ATTACKER).side("target", OTHER);
    assertAttacker(decide(eve.with("direction", "to_server")), ATTACKER, "the rule names");
  }

  @Test
  void theSourceOfTheRuleAloneIsEnough() {
    assertAttacker(decide(Eve.alert(OTHER, ATTACKER).side("source", ATTACKER)), ATTACKER, "rule");
  }

  @Test
  void theTargetOfTheRuleAloneMakesTheOtherEndTheAttacker() {
    assertAttacker(decide(Eve.alert(OTHER, ATTACKER).side("target", OTHER)), ATTACKER, "rule");
    assertAttacker(decide(Eve.alert(ATTACKER, OTHER).side("target", OTHER)), ATTACKER, "rule");
  }

  @Test
  void ourOwnHostNamedByTheRuleIsNotReportedAndNeitherIsItsVictim() {
    Eve eve = Eve.alert(HOME, OTHER).side("source", HOME).side("target", OTHER);
    assertNobody(decide(eve), "is home");
    assertNobody(decide(Eve.alert(HOME, OTHER).side("target", OTHER)), "is home");
  }

  @Test
  void aRuleThatNamesOneAddressForBothSidesDecidesNothing() {
    Eve eve = Eve.alert(ATTACKER, HOME).side("source", ATTACKER).side("target", ATTACKER);
    assertNobody(decide(eve), "the same");
  }

  @Test
  void sidesThatAreNoEndOfThePacketAreIgnored() {
    Eve eve = Eve.alert(ATTACKER, HOME).side("source", "192.0.2.200").side("target", "x");
    assertAttacker(decide(eve), ATTACKER, "the other end is home");
  }

  // The direction.

  @Test
  void betweenStrangersWhoOpenedTheFlowIsTheAttacker() {
    assertAttacker(
        decide(Eve.alert(ATTACKER, OTHER).with("direction", "to_server")), ATTACKER, "direction");
    assertAttacker(
        decide(Eve.alert(OTHER, ATTACKER).with("direction", "to_client")), ATTACKER, "direction");
  }

  @Test
  void theFlowNamesItsClientWhereDirectionIsMissing() {
    Eve answer = Eve.alert(OTHER, ATTACKER).in("flow", "src_ip", ATTACKER);
    assertAttacker(decide(answer), ATTACKER, "direction");
    Eve request = Eve.alert(ATTACKER, OTHER).in("flow", "src_ip", ATTACKER);
    assertAttacker(decide(request), ATTACKER, "direction");
  }

  @Test
  void directionAndFlowThatContradictDecideNothing() {
    Eve eve = Eve.alert(ATTACKER, OTHER).with("direction", "to_server").in("flow", "src_ip", OTHER);
    assertNobody(decide(eve), "undecided");
  }

  @Test
  void aFlowOfStrangersToThisPacketIsIgnored() {
    Eve eve =
        Eve.alert(ATTACKER, OTHER)
            .with("direction", "to_server")
            .in("flow", "src_ip", "192.0.2.201");
    assertAttacker(decide(eve), ATTACKER, "direction");
  }

  @Test
  void aClientIsNotAccusedByARuleThatProtectsClients() {
    Eve eve =
        Eve.alert(OTHER, ATTACKER)
            .with("direction", "to_client")
            .metadata("attack_target", "Client_Endpoint");
    assertNobody(decide(eve), "clients are attacked");
  }

  @Test
  void anInboundRequestAccusesTheClient() {
    Eve eve = Eve.alert(ATTACKER, HOME).with("direction", "to_server");
    assertAttacker(decide(eve), ATTACKER, "it opened the flow (direction)");
  }

  @Test
  void ourServersAnswerAccusesTheClientAndNotTheSender() {
    Eve eve = Eve.alert(HOME, ATTACKER).with("direction", "to_client");
    assertAttacker(decide(eve), ATTACKER, "it opened the flow (direction)");
  }

  @Test
  void ourClientsOutboundRequestAccusesTheServer() {
    Eve eve = Eve.alert(HOME, ATTACKER).with("direction", "to_server");
    assertAttacker(decide(eve), ATTACKER, "home opened the flow (direction) to it");
  }

  @Test
  void aDownloadByOurClientAccusesTheServer() {
    Eve eve = Eve.alert(ATTACKER, HOME).with("direction", "to_client");
    assertAttacker(decide(eve), ATTACKER, "home opened the flow (direction) to it");
  }

  @Test
  void aNameServerThatHomeAskedIsNotAccused() {
    assertNobody(
        decide(Eve.alert(HOME, OTHER).with("dest_port", 53).with("proto", "UDP")), "name server");
    assertNobody(
        decide(Eve.alert(HOME, OTHER).with("dest_port", 853).with("direction", "to_server")),
        "name server");
    assertNobody(decide(Eve.alert(OTHER, HOME).with("src_port", 53)), "name server");
    assertNobody(decide(Eve.alert(HOME, OTHER).with("app_proto", "dns")), "name server");
  }

  @Test
  void whoAttacksOurNameServerIsAccused() {
    Eve eve =
        Eve.alert(ATTACKER, HOME)
            .with("dest_port", 53)
            .with("app_proto", "dns")
            .with("direction", "to_server");
    assertAttacker(decide(eve), ATTACKER, "it opened the flow");
  }

  @Test
  void anUnknownDirectionIsNone() {
    assertNobody(decide(Eve.alert(ATTACKER, OTHER).with("direction", "sideways")), "undecided");
    assertNobody(decide(Eve.alert(ATTACKER, OTHER).with("direction", 1)), "undecided");
  }

  // Home networks.

  @Test
  void withoutADirectionTheEndThatIsNotHomeIsTheAttacker() {
    assertAttacker(decide(Eve.alert(ATTACKER, HOME)), ATTACKER, "the other end is home");
    assertAttacker(decide(Eve.alert(HOME, ATTACKER)), ATTACKER, "the other end is home");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 192.168.1.10",
    "fd00::1, fe80::2",
    "127.0.0.1, 127.0.0.1",
    "::1, fd12::3",
    "::ffff:10.0.0.1, 172.16.0.1"
  })
  void bothEndsHomeReportsNothing(String source, String destination) {
    assertThat(decide(Eve.alert(source, destination))).isInstanceOf(Attribution.Nobody.class);
    assertThat(decide(Eve.alert(source, destination).with("direction", "to_server")))
        .isInstanceOf(Attribution.Nobody.class);
  }

  @Test
  void neitherEndHomeAndNoDirectionReportsNothing() {
    assertNobody(decide(Eve.alert(ATTACKER, OTHER)), "undecided");
  }

  @Test
  void ipv6IsDecidedAlike() {
    assertAttacker(decide(Eve.alert("2001:DB8:0::7", "fd00::1")), "2001:db8::7", "home");
    assertAttacker(decide(Eve.alert("fe80::1", "2001:db8::7")), "2001:db8::7", "home");
    Eve eve = Eve.alert("2001:db8::7", "2001:db8:1::1").with("direction", "to_server");
    assertAttacker(decide(eve), "2001:db8::7", "direction");
  }

  @Test
  void homeCanBeNamed() {
    List<String> home = List.of("private", OTHER + "/32", "2001:db8:1::/48");
    assertAttacker(decide(home, List.of(), Eve.alert(ATTACKER, OTHER)), ATTACKER, "home");
    assertAttacker(
        decide(home, List.of(), Eve.alert("2001:db8:1::5", "2001:db8:2::5")),
        "2001:db8:2::5",
        "home");
    assertNobody(decide(home, List.of(), Eve.alert(OTHER, HOME)), "both ends are home");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "fd00::9", "127.0.0.1", "169.254.1.1", "fe80::1", "::1"})
  void privateAddressesAreNeverReportedEvenWhereTheyAreNotHome(String address) {
    List<String> home = List.of(OTHER);
    assertThat(decide(home, List.of(), Eve.alert(address, OTHER)))
        .isInstanceOf(Attribution.Nobody.class);
    assertThat(decide(home, List.of(), Eve.alert(address, OTHER).side("source", address)))
        .isInstanceOf(Attribution.Nobody.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64:ff9b::%1$s", "::%1$s", "2002:%2$s::1"})
  void ourOwnHostIsHomeAlsoWhereItsIpv4AddressIsInsideAnIpv6Address(String form) {
    String ours = form.formatted("198.51.100.5", "c633:6405");
    List<String> home = List.of("198.51.100.0/24");
    assertNobody(decide(home, List.of(), Eve.alert(ours, "198.51.100.7")), "both ends are home");
    assertAttacker(decide(home, List.of(), Eve.alert(ours, "2001:db8::7")), "2001:db8::7", "home");
    String secret = form.formatted("10.1.2.3", "a01:203");
    assertNobody(decide(home, List.of(), Eve.alert(secret, "198.51.100.7")), "private");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.0.2", "198.18.5.1", "64:ff9b:1::7", "100::1"})
  void whatMeansAnotherHostElsewhereIsNeverReported(String address) {
    assertThat(decide(Eve.alert(address, HOME))).isInstanceOf(Attribution.Nobody.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"224.0.0.251", "255.255.255.255", "0.0.0.0", "ff02::fb", "240.0.0.1"})
  void whatIsNoHostIsNeverReported(String address) {
    assertThat(decide(Eve.alert(HOME, address))).isInstanceOf(Attribution.Nobody.class);
  }

  // Addresses that are missing or none.

  @Test
  void withoutBothAddressesNothingIsReported() {
    assertNobody(decide(Eve.alert(ATTACKER, HOME).without("dest_ip")), "missing");
    assertNobody(decide(Eve.alert(ATTACKER, HOME).without("src_ip")), "missing");
    assertNobody(decide(Eve.alert("example.org", HOME)), "missing");
    assertNobody(decide(Eve.alert(ATTACKER, HOME).with("src_ip", 7)), "missing");
  }

  @Test
  void oneAddressOnBothEndsReportsNothing() {
    assertNobody(decide(Eve.alert(ATTACKER, ATTACKER).with("direction", "to_server")), "both");
  }

  // X-Forwarded-For.

  @Test
  void theClientOfATrustedProxyIsAccused() {
    assertAttacker(
        decide(Eve.alert(PROXY, HOME).rule("xff", ATTACKER)), ATTACKER, "by a trusted proxy");
    assertAttacker(
        decide(Eve.alert("10.9.9.9", HOME).with("xff", ATTACKER)), ATTACKER, "by a trusted proxy");
  }

  @Test
  void theAnswerToATrustedProxyAccusesItsClient() {
    Eve eve = Eve.alert(HOME, PROXY).rule("xff", ATTACKER).with("direction", "to_client");
    assertAttacker(decide(eve), ATTACKER, "by a trusted proxy");
    assertAttacker(
        decide(Eve.alert(HOME, PROXY).rule("xff", ATTACKER)), ATTACKER, "by a trusted proxy");
  }

  @Test
  void theRulesOwnWordHoldsForTheClientOfATrustedProxy() {
    Eve eve =
        Eve.alert(PROXY, HOME).rule("xff", ATTACKER).side("source", PROXY).side("target", HOME);
    assertAttacker(decide(eve), ATTACKER, "the rule names");
  }

  @Test
  void anUntrustedXffIsIgnored() {
    assertAttacker(decide(Eve.alert(ATTACKER, HOME).rule("xff", OTHER)), ATTACKER, "home");
  }

  @Test
  void whereHomeIsTheClientAProxyServerGetsNoNewName() {
    Eve eve = Eve.alert(HOME, PROXY).rule("xff", ATTACKER).with("direction", "to_server");
    assertNobody(decide(eve), "both ends are home");
  }

  @Test
  void aTrustedProxyWithoutXffIsNotAccused() {
    assertNobody(decide(Eve.alert(PROXY, HOME)), "both ends are home");
    assertNobody(decide(Eve.alert(PROXY, HOME).rule("xff", "unknown")), "both ends are home");
    assertNobody(decide(Eve.alert(PROXY, OTHER).side("source", PROXY)), "trusted proxy");
  }

  @Test
  void aClientAtHomeBehindTheProxyReportsNothing() {
    assertNobody(decide(Eve.alert(PROXY, HOME).rule("xff", "10.0.0.77")), "both ends are home");
  }

  @Test
  void ofAListOfClientsTheLastThatNoTrustedProxyHasCounts() {
    String list = OTHER + ", " + ATTACKER + " , " + PROXY;
    assertAttacker(decide(Eve.alert(PROXY, HOME).rule("xff", list)), ATTACKER, "proxy");
    assertNobody(decide(Eve.alert(PROXY, HOME).rule("xff", ATTACKER + ",")), "both ends are home");
  }

  // The port.

  @Test
  void theAttackedPortIsThatOfAService() {
    assertThat(((Attribution.Attacker) decide(Eve.alert(ATTACKER, HOME))).attackedPort())
        .isEqualTo(80);
    Eve answer =
        Eve.alert(HOME, ATTACKER)
            .with("src_port", 443)
            .with("dest_port", 50_000)
            .with("direction", "to_client");
    assertThat(((Attribution.Attacker) decide(answer)).attackedPort()).isEqualTo(443);
    Eve outbound = Eve.alert(HOME, ATTACKER).with("direction", "to_server");
    assertThat(((Attribution.Attacker) decide(outbound)).attackedPort()).isZero();
    Eve byRule = Eve.alert(ATTACKER, HOME).side("target", HOME).with("direction", "to_client");
    assertThat(((Attribution.Attacker) decide(byRule)).attackedPort()).isZero();
  }
}
