package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OpenSshRulesTest {

  private static final String ATTACKER = "198.51.100.66";
  private static final String VICTIM = "203.0.113.9";

  /** Every detection that five of {@code message} make, PORT and USER being different in each. */
  private static FakeContext five(String message) {
    return FakeContext.of(
        IntStream.range(0, 5)
            .mapToObj(i -> message.replace("PORT", "" + (40000 + i)).replace("USER", "user" + i))
            .map(Lines::sshd)
            .toList());
  }

  private static List<String> sources(FakeContext context) {
    return context.detections.stream().map(d -> d.indicator().value()).distinct().toList();
  }

  @Test
  void fiveFailedPasswordsAreBruteForce() {
    FakeContext context = FakeContext.of(Lines.failures(ATTACKER, "10:00:00", 3, 5));

    Detection detection = context.detections.getFirst();
    assertThat(context.detections).hasSize(1);
    assertThat(detection.threatType()).isEqualTo("ssh-bruteforce");
    assertThat(detection.indicator().value()).isEqualTo(ATTACKER);
    assertThat(detection.severity()).isEqualTo(Severity.MEDIUM);
    assertThat(detection.rule()).contains("openssh-failed-login");
    assertThat(detection.count()).hasValue(5);
    assertThat(detection.firstSeen()).contains(Instant.parse("2026-11-22T10:00:00Z"));
    assertThat(detection.lastSeen()).contains(Instant.parse("2026-11-22T10:00:12Z"));
    assertThat(detection.technique()).contains("T1110.001");
    assertThat(detection.target()).contains(Detection.Target.of(22, "tcp", "ssh"));
    assertThat(detection.confidence()).hasValue(90);
    assertThat(detection.tlp()).isEqualTo(Tlp.CLEAR);
    assertThat(detection.description()).contains("Failed SSH log-ins: 5 within 12 s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Failed password for root from 198.51.100.66 port PORT ssh2",
        "Failed password for invalid user admin from 198.51.100.66 port PORT ssh2",
        "Failed none for invalid user admin from 198.51.100.66 port PORT ssh2",
        "Failed keyboard-interactive/pam for root from 198.51.100.66 port PORT ssh2",
        "error: PAM: Authentication failure for root from 198.51.100.66",
        "error: PAM: Authentication failure for illegal user bob from 198.51.100.66 [preauth]",
        "Failed publickey for root from 198.51.100.66 port PORT ssh2",
        "Failed publickey for root from 198.51.100.66 port PORT ssh2: ED25519 SHA256:Ab+/9xYz",
        "error: maximum authentication attempts exceeded for root from 198.51.100.66 port PORT ssh2"
            + " [preauth]",
        "error: maximum authentication attempts exceeded for invalid user bob from 198.51.100.66"
            + " port PORT ssh2 [preauth]",
        "Connection closed by authenticating user root 198.51.100.66 port PORT [preauth]",
        "Connection reset by authenticating user root 198.51.100.66 port PORT [preauth]",
        "Connection closed by invalid user bob 198.51.100.66 port PORT [preauth]",
        "Disconnected from authenticating user root 198.51.100.66 port PORT [preauth]",
        "Disconnected from invalid user bob 198.51.100.66 port PORT [preauth]",
        "Disconnecting authenticating user root 198.51.100.66 port PORT: Too many authentication"
            + " failures [preauth]",
        "drop connection #3 from [198.51.100.66]:PORT on [192.0.2.1]:22 penalty: failed"
            + " authentication"
      })
  void eachFormOfAFailedAttemptCountsForBruteForce(String message) {
    FakeContext context = five(message);

    assertThat(context.ofType("ssh-bruteforce")).hasSize(1);
    assertThat(context.detections.getFirst().count()).hasValue(5);
    assertThat(sources(context)).containsExactly(ATTACKER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Invalid user USER from 198.51.100.66",
        "Invalid user USER from 198.51.100.66 port PORT",
        "Failed password for invalid user USER from 198.51.100.66 port PORT ssh2",
        "Failed none for invalid user USER from 198.51.100.66 port PORT ssh2",
        "Connection closed by invalid user USER 198.51.100.66 port PORT [preauth]",
        "Disconnected from invalid user USER 198.51.100.66 port PORT [preauth]",
        "User USER from 198.51.100.66 not allowed because not listed in AllowUsers",
        "User USER from 198.51.100.66 not allowed because none of user's groups are listed in"
            + " AllowGroups"
      })
  void fiveUnknownNamesAreUserEnumeration(String message) {
    Detection detection = five(message).ofType("ssh-user-enumeration").getFirst();

    assertThat(detection.count()).hasValue(5);
    assertThat(detection.indicator().value()).isEqualTo(ATTACKER);
    assertThat(detection.technique()).contains("T1589");
    assertThat(detection.rule()).contains("openssh-unknown-user");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Accepted publickey for alice from 198.51.100.66 port PORT ssh2: ED25519 SHA256:abc",
        "Accepted password for alice from 198.51.100.66 port PORT ssh2",
        "Connection closed by 198.51.100.66 port PORT [preauth]",
        "Connection closed by 198.51.100.66 [preauth]",
        "Received disconnect from 198.51.100.66: 11: Bye Bye [preauth]",
        "Received disconnect from 198.51.100.66 port PORT:11: disconnected by user",
        "Disconnected from user alice 198.51.100.66 port PORT",
        "Did not receive identification string from 198.51.100.66",
        "Did not receive identification string from 198.51.100.66 port PORT",
        "Bad protocol version identification 'GET / HTTP/1.1' from 198.51.100.66 port PORT",
        "Unable to negotiate with 198.51.100.66 port PORT: no matching key exchange method found.",
        "reverse mapping checking getaddrinfo for a.example [198.51.100.66] failed - POSSIBLE"
            + " BREAK-IN ATTEMPT!",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser="
            + " rhost=198.51.100.66  user=root",
        "pam_unix(sshd:auth): check pass; user unknown",
        "input_userauth_request: invalid user USER [preauth]",
        "drop connection #3 from [198.51.100.66]:PORT on [192.0.2.1]:22 past MaxStartups",
        "PAM service(sshd) ignoring max retries; 6 > 3",
        "Disconnecting: Too many authentication failures for root [preauth]"
      })
  void whatIsNoAttemptOrOnlyRepeatsOneIsNotCounted(String message) {
    assertThat(five(message).detections).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Did not receive identification string from 198.51.100.66 port 40000",
        "Bad protocol version identification 'x from 203.0.113.9 port 1' from 198.51.100.66 port 2",
        "banner exchange: Connection from 198.51.100.66 port 40000: invalid format",
        "Unable to negotiate with 198.51.100.66 port 40000: no matching cipher found. [preauth]",
        "reverse mapping checking getaddrinfo for a.example [198.51.100.66] failed - POSSIBLE"
            + " BREAK-IN ATTEMPT!",
        "Received disconnect from 198.51.100.66: 11: from 203.0.113.9 port 1 [preauth]",
        "Received disconnect from 198.51.100.66 port 40000:11: Bye Bye [preauth]",
        "Timeout before authentication for connection from 198.51.100.66 to 192.0.2.1, pid = 7"
      })
  void probesAreCountedWhereTheirRuleIsSwitchedOn(String message) {
    FakeContext context =
        FakeContext.of("rules.openssh-probe.enabled = true", Lines.times(10, Lines.sshd(message)));

    assertThat(context.summary()).containsExactly(ATTACKER + " openssh-probe 10");
  }

  @Test
  void thePamLineCountsWhereItsRuleIsSwitchedOn() {
    FakeContext context =
        FakeContext.of(
            "rules.openssh-pam-failure.enabled = true",
            Lines.times(
                5,
                Lines.sshd(
                    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh"
                        + " ruser= rhost=198.51.100.66  user=rhost=203.0.113.9  user=x")));

    assertThat(context.summary()).containsExactly(ATTACKER + " openssh-pam-failure 5");
  }

  @Test
  void theLinesOfOneAttemptCountOnce() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int port = 40000 + i;
      for (String message :
          List.of(
              "Invalid user oracle from 198.51.100.66 port " + port,
              "input_userauth_request: invalid user oracle [preauth]",
              "pam_unix(sshd:auth): check pass; user unknown",
              "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser="
                  + " rhost=198.51.100.66 ",
              "Failed password for invalid user oracle from 198.51.100.66 port " + port + " ssh2",
              "Received disconnect from 198.51.100.66 port " + port + ":11: Bye Bye [preauth]",
              "Disconnected from invalid user oracle 198.51.100.66 port " + port + " [preauth]")) {
        lines.add(Lines.sshd(message));
      }
    }

    assertThat(FakeContext.of(lines).detections).isEmpty();
  }

  @Test
  void aConnectionWithManyKeysCountsOnce() {
    List<String> lines =
        Lines.times(12, Lines.sshd("Failed publickey for root from 198.51.100.66 port 40000 ssh2"));

    assertThat(FakeContext.of(lines).detections).isEmpty();
  }

  @Test
  void theSameUnknownNameAgainIsNoEnumeration() {
    List<String> lines = Lines.times(50, Lines.sshd("Invalid user bob from 198.51.100.66 port 1"));

    assertThat(FakeContext.of(lines).detections).isEmpty();
  }

  @Test
  void aMessageThatTheDaemonRepeatedCountsAsOftenAsItSays() {
    FakeContext context =
        FakeContext.of(
            List.of(
                Lines.sshd(Lines.failed(ATTACKER)),
                Lines.sshd("message repeated 5 times: [ " + Lines.failed(ATTACKER) + "]")));

    assertThat(context.summary()).containsExactly(ATTACKER + " openssh-failed-login 6");
  }

  @Test
  void pamCountsAsManyMoreAsItSays() {
    FakeContext context =
        FakeContext.of(
            List.of(
                Lines.sshd(
                    "PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser="
                        + " rhost=198.51.100.66  user=root")));

    assertThat(context.summary()).containsExactly(ATTACKER + " openssh-pam-repeated-failure 5");
  }

  @Test
  void manyAttemptsAtOnceAreOfHighSeverity() {
    FakeContext context =
        FakeContext.of(
            List.of(Lines.sshd("message repeated 50 times: [ " + Lines.failed(ATTACKER) + "]")));

    assertThat(context.detections.getFirst().severity()).isEqualTo(Severity.HIGH);
  }

  @Test
  void anAttackThatGrowsIsReportedOnceMoreAsHigh() {
    FakeContext context = FakeContext.of(Lines.failures(ATTACKER, "10:00:00", 2, 300));

    assertThat(context.detections)
        .extracting(Detection::severity, detection -> detection.count().orElse(0))
        .containsExactly(tuple(Severity.MEDIUM, 5L), tuple(Severity.HIGH, 50L));
  }

  @Test
  void aHighFloodIsNotToldAgainByAMilderRule() {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "10:00:00", 2, 55));
    lines.add(
        Lines.at(
            "10:02:00",
            "PAM 60 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost="
                + ATTACKER));

    assertThat(FakeContext.of(lines).detections).hasSize(2);
  }

  @Test
  void whereNobodyTracesNoReasonIsMade() {
    FakeContext context = new FakeContext("");
    context.tracing = false;
    context.feed(context.handler(), Lines.failures(ATTACKER, "10:00:00", 2, 9));
    context.feed(context.handler(), List.of("{}", Lines.sshd("Server listening.")));

    assertThat(context.traces).isEmpty();
    assertThat(context.matched).isEqualTo(9);
  }

  @Test
  void aHostNameInsteadOfAnAddressIsDropped() {
    FakeContext context =
        FakeContext.of(
            List.of(
                Lines.sshd(
                    "PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser="
                        + " rhost=198.51.100.66.dsl.example  user=root")));

    assertThat(context.detections).isEmpty();
    assertThat(context.traces)
        .containsExactly(
            "openssh-pam-repeated-failure: '198.51.100.66.dsl.example' is no IP address: dropped");
  }

  @Test
  void aLogInAfterBruteForceIsCritical() {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "10:00:00", 3, 6));
    lines.add(Lines.at("10:01:00", "Accepted password for root from 198.51.100.66 port 1 ssh2"));
    lines.add(Lines.at("10:02:00", "Accepted password for root from 198.51.100.66 port 2 ssh2"));

    FakeContext context = FakeContext.of(lines);

    Detection login = context.detections.getLast();
    assertThat(context.detections).hasSize(2);
    assertThat(login.threatType()).isEqualTo("ssh-bruteforce");
    assertThat(login.severity()).isEqualTo(Severity.CRITICAL);
    assertThat(login.tlp()).isEqualTo(Tlp.AMBER);
    assertThat(login.description()).contains("SSH log-in succeeded after brute force");
  }

  @ParameterizedTest
  @CsvSource({"4, 10:01:00", "6, 11:30:00"})
  void aLogInAfterAFewMistakesOrLongAfterIsNot(int failures, String login) {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "10:00:00", 3, failures));
    lines.add(Lines.at(login, "Accepted password for root from 198.51.100.66 port 1 ssh2"));

    assertThat(FakeContext.of(lines).detections)
        .noneMatch(detection -> detection.severity() == Severity.CRITICAL);
  }

  @Test
  void theLogInRuleCanBeSwitchedOff() {
    List<String> lines = new ArrayList<>(Lines.failures(ATTACKER, "10:00:00", 3, 6));
    lines.add(Lines.at("10:01:00", "Accepted password for root from 198.51.100.66 port 1 ssh2"));

    assertThat(
            FakeContext.of("rules.openssh-login-after-bruteforce.enabled = false", lines)
                .detections)
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x from 203.0.113.9 port 1 ssh2",
        "x from 203.0.113.9",
        "root from 203.0.113.9 port 22 ssh2: RSA SHA256:abc",
        "x 203.0.113.9 port 1 [preauth]",
        "203.0.113.9",
        " from 203.0.113.9 port 1 ssh2 [preauth]",
        "sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2",
        "x from 203.0.113.9 not allowed because not listed in AllowUsers",
        "rhost=203.0.113.9  user=x",
        "x] message repeated 9 times: [ Failed password for x from 203.0.113.9 port 1 ssh2]",
        ""
      })
  void noUserNameFramesAnotherAddress(String name) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String tail = " from " + ATTACKER + " port " + (40000 + i);
      for (String message :
          List.of(
              "Invalid user " + name + i + tail,
              "Invalid user " + name + i + " from " + ATTACKER,
              "Failed password for invalid user " + name + i + tail + " ssh2",
              "Failed publickey for invalid user " + name + i + tail + " ssh2: RSA SHA256:a/b",
              "error: maximum authentication attempts exceeded for invalid user "
                  + name
                  + i
                  + tail
                  + " ssh2 [preauth]",
              "error: PAM: Authentication failure for illegal user "
                  + name
                  + i
                  + " from "
                  + ATTACKER,
              "Connection closed by invalid user "
                  + name
                  + i
                  + " "
                  + ATTACKER
                  + " port 4000"
                  + i
                  + " [preauth]",
              "User "
                  + name
                  + i
                  + " from "
                  + ATTACKER
                  + " not allowed because not listed in AllowUsers",
              "PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost="
                  + ATTACKER
                  + "  user="
                  + name,
              "input_userauth_request: invalid user " + name + " [preauth]",
              "Received disconnect from " + ATTACKER + ": 11: " + name + " [preauth]")) {
        lines.add(Lines.sshd(message));
      }
    }

    FakeContext context = FakeContext.of("rules.openssh-probe.enabled = true", lines);

    assertThat(sources(context)).containsExactly(ATTACKER);
    assertThat(context.ofType("ssh-bruteforce")).isNotEmpty();
    assertThat(context.ofType("ssh-user-enumeration")).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // What a client names itself stands behind the address, or in the middle.
        "Failed hostbased for root from 198.51.100.66 port 1 ssh2: RSA SHA256:a, client user"
            + " \"x from 203.0.113.9 port 1 ssh2\"",
        "Failed publickey for root from 198.51.100.66 port 1 ssh2: RSA-CERT SHA256:a ID x from"
            + " 203.0.113.9 port 1 ssh2: RSA SHA256:b",
        "Received disconnect from 198.51.100.66: 11: Failed password for root from 203.0.113.9"
            + " port 1 ssh2",
        "Received disconnect from 198.51.100.66: 11: x from 203.0.113.9 port 1 ssh2",
        "userauth_pubkey: Failed password for root from 203.0.113.9 port 1 ssh2"
      })
  void noClientsOwnTextFramesAnotherAddress(String message) {
    FakeContext context = FakeContext.of(Lines.times(9, Lines.sshd(message)));

    assertThat(sources(context)).doesNotContain(VICTIM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Nov 22 10:00:00 gate sshd[4711]: ",
        "Nov  2 10:00:00 gate sshd[4711]: ",
        "Nov 22 10:00:00.123456 gate sshd[4711]: ",
        "Nov 22 10:00:00 gate sshd: ",
        "Nov 22 10:00:00 gate sshd-session[4711]: ",
        "Nov 22 10:00:00 gate sshd-auth[4711]: ",
        "2026-11-22T10:00:00.123456+01:00 gate sshd-session[4711]: ",
        "2026-11-22T10:00:00Z gate sshd[4711]: ",
        "2026-11-22 10:00:00 gate sshd[4711]: ",
        "2026-11-22 10:00:00.250 gate sshd[4711]: ",
        "Foo 99 99:99:99 gate sshd[4711]: ",
        "@4000000069212a1c3b9aca00 gate sshd[4711]: "
      })
  void anyUsualHeaderIsRead(String header) {
    FakeContext context = FakeContext.of(Lines.times(5, header + Lines.failed(ATTACKER) + "\r"));

    assertThat(context.summary()).containsExactly(ATTACKER + " openssh-failed-login 5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Nov 22 10:00:00 gate sudo[4711]: sshd[4711]: ",
        "Nov 22 10:00:00 gate CRON[1]: x gate sshd[4711]: ",
        "Nov 22 10:00:00 gate app: Nov 22 10:00:00 gate sshd[4711]: ",
        "Nov 22 10:00:00 gate xsshd[4711]: ",
        "Nov 22 10:00:00 gate sshd2[4711]: ",
        "Nov 22 10:00:00 gate sshd[x]: ",
        "Nov 22 10:00:00 gate sshd[4711 ",
        "Nov 22 10:00:00 gate sshd ",
        "Nov 22 10:00:00 sshd[4711]: ",
        "sshd[4711]: ",
        ""
      })
  void onlyTheTagAtItsPlaceMakesALineSshds(String header) {
    FakeContext context = FakeContext.of(Lines.times(9, header + Lines.failed(ATTACKER)));

    assertThat(context.detections).isEmpty();
    assertThat(context.traces).allMatch(trace -> trace.startsWith(": no"));
    assertThat(context.matched).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Nov",
        "Nov 22 10:00:00 gate sshd[4711]:",
        "Nov 22 10:00:00 gate sshd[4711]: ",
        "Nov 22 10:00:00 gate sshd[4711]: ]",
        "Nov 22 10:00:00 gate sshd[4711]: message repeated ]",
        "Nov 22 10:00:00 gate sshd[4711]: message repeated 9 times: []",
        "Nov 22 10:00:00 gate sshd[4711]: message repeated 99999999999999999999 times: [ x]",
        "Nov 22 10:00:00 gate sshd[4711]: message repeated  times: [",
        "2026-11-22                                ",
        "Nov 22                            ",
        "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
        "Failed password for \uD83D from \uDE00 port 99999999999999999999 ssh2"
      })
  void aBrokenLineIsSkipped(String line) {
    assertThat(FakeContext.of(List.of(line, Lines.sshd(line))).detections).isEmpty();
  }

  @Test
  void ipv6AddressesAreReportedInTheirShortForm() {
    FakeContext context = five("Failed password for root from 2001:DB8:0:0:0:0:0:7 port PORT ssh2");

    assertThat(sources(context)).containsExactly("2001:db8::7");
    assertThat(context.detections.getFirst().indicator().type()).isEqualTo("ipv6-addr");
  }

  @Test
  void aMappedAddressAndTheSameInIpv4AreOneSource() {
    List<String> lines = new ArrayList<>(Lines.times(3, Lines.sshd(Lines.failed(ATTACKER))));
    lines.addAll(Lines.times(2, Lines.sshd(Lines.failed("::ffff:" + ATTACKER))));

    assertThat(FakeContext.of(lines).summary())
        .containsExactly(ATTACKER + " openssh-failed-login 5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.1", "127.0.0.1", "100.64.1.1", "fe80::1%eth0", "fd00::1", "192.0.2.77"})
  void aPrivateOrIgnoredAddressIsNotReported(String address) {
    FakeContext context =
        FakeContext.of(
            "ignore = [\"192.0.2.64/26\"]", Lines.times(9, Lines.sshd(Lines.failed(address))));

    assertThat(context.detections).isEmpty();
    assertThat(context.traces).allMatch(trace -> trace.contains(" address "));
  }

  @Test
  void aTraceSaysWhatHappenedToALine() {
    List<String> lines = new ArrayList<>(Lines.times(6, Lines.sshd(Lines.failed(ATTACKER))));
    lines.add(Lines.sshd("Failed to open anything"));
    lines.add(Lines.sshd(Lines.failed("10.0.0.1")));
    lines.add(Lines.sshd("Server listening on 0.0.0.0 port 22."));
    lines.add("Nov 22 10:00:00 gate CRON[4711]: (root) CMD (true)");
    lines.add("{}");
    FakeContext context = FakeContext.of(lines);

    assertThat(context.traces)
        .containsExactly(
            "openssh-failed-login: 198.51.100.66: 1 of 5 attempts, less 1 every 2 min",
            "openssh-failed-login: 198.51.100.66: 2 of 5 attempts, less 1 every 2 min",
            "openssh-failed-login: 198.51.100.66: 3 of 5 attempts, less 1 every 2 min",
            "openssh-failed-login: 198.51.100.66: 4 of 5 attempts, less 1 every 2 min",
            "openssh-failed-login: 198.51.100.66: 5 of 5 attempts, less 1 every 2 min: reported as"
                + " ssh-bruteforce, medium, count 5",
            "openssh-failed-login: 198.51.100.66: counted, cooling down: reported already, not"
                + " again before 2026-11-22T11:00:00Z",
            ": a text that openssh-failed-login looks for, but none of the patterns",
            "openssh-failed-login: private address 10.0.0.1: never reported",
            ": nothing that a rule for sshd looks for",
            ": no rule reads the lines of CRON",
            ": no syslog line: it does not begin with a stamp, a host and a program");
    assertThat(context.matched).isEqualTo(7);
  }

  @Test
  void aUserNameNeverLeavesTheHost() {
    FakeContext context =
        five("Failed password for invalid user USERsecret from 198.51.100.66 port 1 ssh2");

    assertThat(context.detections).isNotEmpty();
    assertThat(context.detections.toString()).doesNotContain("secret");
  }
}
