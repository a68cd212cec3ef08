package io.cyphermesh.suricata;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The threat type of a rule: the short name of its class. EVE has only the long name, so the known
 * ones are looked up ({@code classification.config} of Suricata 8); any other is written in lower
 * case with hyphens.
 */
final class ThreatTypes {

  /** Where a rule has no class. */
  static final String NONE = "suricata-alert";

  private static final int MAX = 60;

  private static final Map<String, String> KNOWN =
      Map.ofEntries(
          Map.entry("not suspicious traffic", "not-suspicious"),
          Map.entry("unknown traffic", "unknown"),
          Map.entry("potentially bad traffic", "bad-unknown"),
          Map.entry("attempted information leak", "attempted-recon"),
          Map.entry("information leak", "successful-recon-limited"),
          Map.entry("large scale information leak", "successful-recon-largescale"),
          Map.entry("attempted denial of service", "attempted-dos"),
          Map.entry("denial of service", "successful-dos"),
          Map.entry("attempted user privilege gain", "attempted-user"),
          Map.entry("unsuccessful user privilege gain", "unsuccessful-user"),
          Map.entry("successful user privilege gain", "successful-user"),
          Map.entry("attempted administrator privilege gain", "attempted-admin"),
          Map.entry("successful administrator privilege gain", "successful-admin"),
          Map.entry("decode of an rpc query", "rpc-portmap-decode"),
          Map.entry("executable code was detected", "shellcode-detect"),
          Map.entry("a suspicious string was detected", "string-detect"),
          Map.entry("a suspicious filename was detected", "suspicious-filename-detect"),
          Map.entry(
              "an attempted login using a suspicious username was detected", "suspicious-login"),
          Map.entry("a system call was detected", "system-call-detect"),
          Map.entry("a tcp connection was detected", "tcp-connection"),
          Map.entry("a network trojan was detected", "trojan-activity"),
          Map.entry("a client was using an unusual port", "unusual-client-port-connection"),
          Map.entry("detection of a network scan", "network-scan"),
          Map.entry("detection of a denial of service attack", "denial-of-service"),
          Map.entry("detection of a non-standard protocol or event", "non-standard-protocol"),
          Map.entry("generic protocol command decode", "protocol-command-decode"),
          Map.entry(
              "access to a potentially vulnerable web application", "web-application-activity"),
          Map.entry("web application attack", "web-application-attack"),
          Map.entry("misc activity", "misc-activity"),
          Map.entry("misc attack", "misc-attack"),
          Map.entry("generic icmp event", "icmp-event"),
          Map.entry("inappropriate content was detected", "inappropriate-content"),
          Map.entry("potential corporate privacy violation", "policy-violation"),
          Map.entry("attempt to login by a default username and password", "default-login-attempt"),
          Map.entry("targeted malicious activity was detected", "targeted-activity"),
          Map.entry("exploit kit activity detected", "exploit-kit"),
          Map.entry("device retrieving external ip address detected", "external-ip-check"),
          Map.entry("domain observed used for c2 detected", "domain-c2"),
          Map.entry("possibly unwanted program detected", "pup-activity"),
          Map.entry("successful credential theft detected", "credential-theft"),
          Map.entry("possible social engineering attempted", "social-engineering"),
          Map.entry("crypto currency mining activity detected", "coin-mining"),
          Map.entry("malware command and control activity detected", "command-and-control"));

  private ThreatTypes() {}

  /** The term for {@code category}; never empty, of {@code a-z}, {@code 0-9} and hyphens. */
  static String of(String category) {
    String lower = category.strip().toLowerCase(Locale.ROOT);
    return Optional.ofNullable(KNOWN.get(lower)).orElseGet(() -> kebab(lower));
  }

  private static String kebab(String lower) {
    StringBuilder term = new StringBuilder();
    for (int i = 0; i < lower.length() && term.length() < MAX; i++) {
      char c = lower.charAt(i);
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        term.append(c);
      } else if (!term.isEmpty() && term.charAt(term.length() - 1) != '-') {
        term.append('-');
      }
    }
    while (!term.isEmpty() && term.charAt(term.length() - 1) == '-') {
      term.setLength(term.length() - 1);
    }
    return term.isEmpty() ? NONE : term.toString();
  }
}
