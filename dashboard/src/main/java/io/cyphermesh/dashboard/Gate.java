package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.jooby.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides who may ask what, before anything is done about it. */
final class Gate {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.%]+]");
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");

  /** What a request needs. */
  enum Access {
    /** Nothing: it tells nothing about the node. */
    OPEN,
    /** The token, unless the node is read on loopback only or by anybody. */
    READ,
    /** The token, and a browser's own page. */
    WRITE
  }

  private final Set<String> hosts;
  private final boolean openRead;
  private final ApiToken token;
  private @Nullable String machineName;

  Gate(DashboardSettings settings, ApiToken token) {
    this.token = token;
    this.openRead = settings.publicRead() || isLoopback(settings.listen());
    this.hosts = new HashSet<>(Set.of("localhost", "cyphermesh-node"));
    hosts.add(normal(settings.listen().host()));
    for (String host : settings.allowedHosts()) {
      hosts.add(normal(host));
    }
  }

  /** Whether reading needs the token. */
  boolean readNeedsToken() {
    return !openRead;
  }

  /**
   * @throws Problem if the request may not pass
   */
  void check(Context request, Access access) {
    String host = checkHost(request);
    switch (access) {
      case OPEN -> {}
      case READ -> {
        if (!openRead) {
          checkToken(request, "reading");
        }
      }
      case WRITE -> {
        checkOrigin(request, host);
        checkToken(request, "writing");
      }
    }
  }

  /**
   * Names that lead to this node but are not its own may have been made to do so by an attacker's
   * DNS server, to read the node through the victim's browser (DNS rebinding). An address cannot.
   */
  private String checkHost(Context request) {
    List<String> values = request.header("Host").toList();
    if (values.size() != 1 || values.getFirst().isBlank()) {
      throw new Problem(400, "the request needs exactly one Host header");
    }
    String authority = values.getFirst().strip();
    String host = authority;
    int colon = authority.lastIndexOf(':');
    if (colon > authority.lastIndexOf(']')) {
      if (!PORT.matcher(authority.substring(colon + 1)).matches()) {
        throw new Problem(400, "the Host header is not HOST or HOST:PORT");
      }
      host = authority.substring(0, colon);
    }
    if (!IPV4.matcher(host).matches()
        && !IPV6.matcher(host).matches()
        && !hosts.contains(normal(host))
        && !normal(host).equals(machineName())) {
      throw new Problem(
          421,
          "this node is not known as '"
              + host
              + "': if that is a name of yours for it, add it to dashboard.allowed-hosts");
    }
    return authority;
  }

  private static void checkOrigin(Context request, String host) {
    for (String origin : request.header("Origin").toList()) {
      int scheme = origin.indexOf("://");
      if (scheme < 0 || !origin.substring(scheme + 3).equalsIgnoreCase(host)) {
        throw new Problem(403, "a page of another site (" + origin + ") may not write here");
      }
    }
  }

  private void checkToken(Context request, String what) {
    List<String> values = request.header("Authorization").toList();
    if (values.isEmpty()) {
      throw unauthorized(what + " needs the node's token: Authorization: Bearer TOKEN", "");
    }
    String value = values.getFirst();
    if (values.size() != 1
        || !value.regionMatches(true, 0, "Bearer ", 0, 7)
        || !token.matches(value.substring(7).strip())) {
      throw unauthorized(
          "that is not the node's token; it is in the file api-token of the node's data directory",
          ", error=\"invalid_token\"");
    }
  }

  private static Problem unauthorized(String detail, String error) {
    return new Problem(
        401, detail, Map.of("WWW-Authenticate", "Bearer realm=\"cyphermesh\"" + error));
  }

  private static boolean isLoopback(HostPort listen) {
    try {
      return InetAddress.getByName(listen.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Asked for late and once, since a name server that does not answer takes seconds. */
  private synchronized String machineName() {
    String known = machineName;
    if (known == null) {
      try {
        known = normal(InetAddress.getLocalHost().getHostName());
      } catch (UnknownHostException e) {
        known = "localhost";
      }
      machineName = known;
    }
    return known;
  }

  private static String normal(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
