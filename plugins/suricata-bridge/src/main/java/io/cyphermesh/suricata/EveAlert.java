package io.cyphermesh.suricata;

import io.cyphermesh.api.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an alert record that matter here. Text that is not there is empty, a number that is
 * not there is 0, an address that is not there or is none is null.
 *
 * @param timestamp as Suricata wrote it
 * @param source sender of the packet that the rule matched, which need not be the attacker
 * @param destination receiver of that packet
 * @param flowId names the flow
 * @param protocol for instance {@code TCP}
 * @param appProtocol for instance {@code http}
 * @param direction which way that packet went in its flow
 * @param flowSource who opened the flow, as Suricata 7 and later say
 * @param ruleSource the attacker, where the rule has the keyword {@code target}
 * @param ruleTarget the attacked, where the rule has the keyword {@code target}
 * @param forwardedFor client named by X-Forwarded-For, where Suricata logs it
 * @param verdict what became of the packet: alert, pass or drop; of older ones alert.action
 * @param cut whether the record ended early, in parts that do not matter
 * @param signature the rule
 */
record EveAlert(
    String timestamp,
    @Nullable IpAddress source,
    int sourcePort,
    @Nullable IpAddress destination,
    int destinationPort,
    long flowId,
    String protocol,
    String appProtocol,
    Direction direction,
    @Nullable IpAddress flowSource,
    @Nullable IpAddress ruleSource,
    @Nullable IpAddress ruleTarget,
    String forwardedFor,
    String verdict,
    boolean cut,
    Signature signature) {

  /** Which way a packet went in its flow: the client is who opened it. */
  enum Direction {
    TO_SERVER,
    TO_CLIENT,
    UNKNOWN
  }

  /**
   * A rule, as its alerts describe it.
   *
   * @param generator generator id; 1 where absent
   * @param id signature id; 0 where absent
   * @param priority 1 is the highest; 3, Suricata's own default, where absent
   * @param confidence the rule's metadata: High, Medium or Low
   * @param attackTargets the rule's metadata: what its authors say is attacked
   * @param techniques MITRE ATT&amp;CK techniques and sub-techniques, for instance T1110.001
   * @param tactics MITRE ATT&amp;CK tactics, for instance TA0006
   * @param cves for instance CVE-2021-41773
   */
  record Signature(
      long generator,
      long id,
      String message,
      String category,
      long priority,
      String confidence,
      List<String> attackTargets,
      List<String> techniques,
      List<String> tactics,
      List<String> cves) {

    /** As Suricata's own rules and its fast.log name it, for instance {@code 1:2024468}. */
    String name() {
      return generator + ":" + id;
    }
  }
}
