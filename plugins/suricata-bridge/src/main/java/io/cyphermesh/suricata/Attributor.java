package io.cyphermesh.suricata;

import io.cyphermesh.api.IpAddress;
import io.cyphermesh.suricata.Attribution.Attacker;
import io.cyphermesh.suricata.Attribution.Nobody;
import org.jspecify.annotations.Nullable;

/**
 * Decides which end of an alert is the attacker. To accuse the wrong one is worse than to say
 * nothing, and never is one of our own accused.
 *
 * <p>{@code src_ip} is who sent the packet that matched, no more: it is our own client where a rule
 * matches its outbound request, and our own server where a rule matches its answer. {@code
 * direction} says which way the packet went in its flow; the client is who opened the flow, and
 * {@code flow.src_ip} (Suricata 7 and later) names that client whichever way the packet went. In
 * this order:
 *
 * <ol>
 *   <li>{@code X-Forwarded-For} puts the real client in the place of a trusted proxy.
 *   <li>A rule with the keyword {@code target} names both sides itself.
 *   <li>Who opened the flow is the attacker, unless it is ours: then the other end is, since our
 *       own client talks to something bad, unless that is a name server, which only passes on.
 *   <li>Where nothing says who opened the flow, the one end that is not ours is.
 * </ol>
 */
final class Attributor {

  private final Networks networks;

  Attributor(Networks networks) {
    this.networks = networks;
  }

  Attribution decide(EveAlert alert) {
    IpAddress sender = alert.source();
    IpAddress receiver = alert.destination();
    if (sender == null || receiver == null) {
      return new Nobody("src_ip or dest_ip is missing or no address");
    }
    End from = new End(sender, alert.sourcePort());
    End to = new End(receiver, alert.destinationPort());
    End opener = opener(alert, from, to);
    End proxy = proxy(from, to, opener);
    String how = "";
    if (proxy != null) {
      IpAddress client = forwarded(alert.forwardedFor());
      if (client != null) {
        proxy.address = client;
        how = ", named by a trusted proxy";
      }
    }
    if (from.address.equals(to.address)) {
      return new Nobody("both ends are " + from.address);
    }
    Attribution byRule = byRule(alert, from, to, opener, how);
    return byRule != null ? byRule : byEnds(alert, from, to, opener, how);
  }

  /** The end that opened the flow; null if nothing says so, or two fields contradict. */
  private static @Nullable End opener(EveAlert alert, End from, End to) {
    IpAddress client = alert.flowSource();
    End byFlow =
        client == null || from.address.equals(to.address)
            ? null
            : client.equals(from.address) ? from : client.equals(to.address) ? to : null;
    End byDirection =
        switch (alert.direction()) {
          case TO_SERVER -> from;
          case TO_CLIENT -> to;
          case UNKNOWN -> null;
        };
    if (byDirection == null || byFlow == null) {
      return byDirection == null ? byFlow : byDirection;
    }
    return byDirection == byFlow ? byDirection : null;
  }

  /** The end where a trusted proxy stands in for its client. */
  private @Nullable End proxy(End from, End to, @Nullable End opener) {
    if (opener != null) {
      return networks.isTrustedProxy(opener.address) ? opener : null;
    }
    boolean sender = networks.isTrustedProxy(from.address);
    boolean receiver = networks.isTrustedProxy(to.address);
    return sender == receiver ? null : sender ? from : to;
  }

  /**
   * The client: the last address of the list that no trusted proxy has, since everything before it
   * may be made up.
   */
  private @Nullable IpAddress forwarded(String list) {
    int end = list.length();
    while (end > 0) {
      int comma = list.lastIndexOf(',', end - 1);
      IpAddress address = IpAddress.parse(list.substring(comma + 1, end).strip()).orElse(null);
      if (address == null || !networks.isTrustedProxy(address)) {
        return address;
      }
      end = comma;
    }
    return null;
  }

  /** What the rule itself says by {@code target}; null if it says nothing of use. */
  private @Nullable Attribution byRule(
      EveAlert alert, End from, End to, @Nullable End opener, String how) {
    End attacker = end(alert.ruleSource(), alert, from, to);
    End attacked = end(alert.ruleTarget(), alert, from, to);
    if (attacker == null && attacked == null) {
      return null;
    }
    if (attacker == attacked) {
      return new Nobody("alert.source and alert.target are the same");
    }
    if (attacker == null) {
      attacker = attacked == from ? to : from;
    }
    attacked = attacker == from ? to : from;
    String refusal = networks.refusal(attacker.address);
    if (refusal != null) {
      return new Nobody(
          "the rule names " + attacker.address + " as the attacker, which " + refusal);
    }
    return new Attacker(
        attacker.address,
        attackedPort(attacker, attacked, attacker == from, opener),
        "the rule names the attacker (alert.source, alert.target)" + how);
  }

  /** The end that had {@code address} before a proxy's client took its place. */
  private static @Nullable End end(@Nullable IpAddress address, EveAlert alert, End from, End to) {
    if (address == null) {
      return null;
    }
    if (address.equals(alert.source()) || address.equals(from.address)) {
      return from;
    }
    return address.equals(alert.destination()) || address.equals(to.address) ? to : null;
  }

  private Attribution byEnds(EveAlert alert, End from, End to, @Nullable End opener, String how) {
    boolean fromHome = networks.isHome(from.address);
    boolean toHome = networks.isHome(to.address);
    if (fromHome && toHome) {
      return new Nobody("both ends are home");
    }
    End attacker;
    String reason;
    if (!fromHome && !toHome) {
      if (opener == null) {
        return new Nobody("undecided: no end is home, and nothing says who opened the flow");
      }
      if (alert.signature().attackTargets().contains("Client_Endpoint")) {
        return new Nobody("undecided: no end is home, and the rule says that clients are attacked");
      }
      attacker = opener;
      reason = "it opened the flow (direction)";
    } else {
      attacker = fromHome ? to : from;
      if (opener != null && opener == attacker) {
        reason = "it opened the flow (direction), the other end is home";
      } else if (isNameServer(alert, attacker)) {
        return new Nobody(attacker.address + " is only the name server that home asked");
      } else if (opener != null) {
        reason = "home opened the flow (direction) to it";
      } else {
        reason = "the other end is home";
      }
    }
    String refusal = networks.refusal(attacker.address);
    if (refusal != null) {
      return new Nobody(attacker.address + " " + refusal);
    }
    End attacked = attacker == from ? to : from;
    return new Attacker(
        attacker.address, attackedPort(attacker, attacked, attacker == from, opener), reason + how);
  }

  /** Whoever opened a connection did so from a port that means nothing. */
  private static int attackedPort(
      End attacker, End attacked, boolean attackerSent, @Nullable End opener) {
    boolean service = opener == null ? attackerSent : opener == attacker;
    return service ? attacked.port : 0;
  }

  private static boolean isNameServer(EveAlert alert, End end) {
    return end.port == 53 || end.port == 853 || alert.appProtocol().equals("dns");
  }

  /** One end of the packet that matched. */
  private static final class End {
    private IpAddress address;
    private final int port;

    private End(IpAddress address, int port) {
      this.address = address;
      this.port = port;
    }
  }
}
