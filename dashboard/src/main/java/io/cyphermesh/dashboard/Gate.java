package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.dashboard.Credentials.Holder;
import io.cyphermesh.dashboard.access.Role;
import io.cyphermesh.dashboard.access.Sessions;
import io.jooby.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides who may ask what, before anything is done about it. */
final class Gate {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.%]+]");
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");
  private static final Pattern SEMICOLON = Pattern.compile(";", Pattern.LITERAL);
  private static final int MOST_COOKIES = 64;
  private static final int MOST_HOST = 253;

  /** What a request needs. */
  enum Access {
    /** Nothing: it tells nothing about the node. */
    OPEN(Optional.empty()),
    /** A token of any role, unless the node is read on loopback only or by anybody. */
    READ(Optional.of(Role.READ)),
    /** A token that may report. */
    REPORT(Optional.of(Role.REPORT)),
    /** A token that may do everything. */
    ADMIN(Optional.of(Role.ADMIN));

    private final Optional<Role> role;

    Access(Optional<Role> role) {
      this.role = role;
    }

    /** The least role that may; empty where none is needed. */
    Optional<Role> role() {
      return role;
    }
  }

  static final String CSRF_HEADER = "X-CSRF-Token";

  private final Set<String> hosts;
  private final boolean openRead;
  private final boolean tls;
  private final Credentials credentials;
  private final Sessions<Holder> sessions;
  private final String cookie;
  private @Nullable String machineName;

  /**
   * @param cookie name of the cookie that a session is known by
   */
  Gate(
      DashboardSettings settings,
      Credentials credentials,
      Sessions<Holder> sessions,
      String cookie) {
    this.credentials = credentials;
    this.sessions = sessions;
    this.cookie = cookie;
    this.tls = settings.tls().isPresent();
    this.openRead = settings.publicRead() || isLoopback(settings.listen());
    this.hosts = new HashSet<>(Set.of("localhost", "cyphermesh-node"));
    hosts.add(normal(settings.listen().host()));
    for (String host : settings.allowedHosts()) {
      hosts.add(normal(host));
    }
  }

  /** Whether reading needs a token. */
  boolean readNeedsToken() {
    return !openRead;
  }

  /**
   * Looks who asks, and notes him in the request.
   *
   * @throws Problem if the request may not pass
   */
  void check(Context request, Endpoint endpoint) {
    String host = checkHost(request);
    checkOrigin(request, host);
    Access access = endpoint.access();
    if (access.role().isEmpty()) {
      caller(request).orElse(Caller.NOBODY).in(request);
      return;
    }
    checkSite(request);
    if (access == Access.READ && openRead && !showsToken(request)) {
      return;
    }
    Role needed = access.role().get();
    Caller caller = caller(request).orElseThrow(() -> unknown(request, needed));
    caller.in(request);
    Holder holder = caller.holder().orElseThrow();
    if (!holder.role().includes(needed)) {
      throw new Problem(
          403,
          "this needs a token with the role '%s'; '%s' has '%s'"
              .formatted(needed.term(), holder.name(), holder.role().term()));
    }
    if (caller.session().isPresent() && endpoint.method().equals("POST")) {
      String repeated = request.header(CSRF_HEADER).value("");
      if (!caller.session().get().isCsrf(repeated)) {
        throw new Problem(
            403,
            "a logged-in page changes something only with the header "
                + CSRF_HEADER
                + ", as /api/v1/session tells it");
      }
    }
  }

  /**
   * Whether a token is shown, right or wrong: who shows one is told that it counts no more. What a
   * proxy asks for a login of its own by is none.
   */
  private static boolean showsToken(Context request) {
    return request.header("Authorization").toList().stream()
        .anyMatch(value -> value.strip().regionMatches(true, 0, "Bearer", 0, 6));
  }

  /** Whether who was let in may stay, which is asked while an answer lasts. */
  boolean stillCounts(Caller caller) {
    return caller.holder().map(credentials::counts).orElse(true);
  }

  /** Who shows a token or a session that counts; empty for who shows none. */
  private Optional<Caller> caller(Context request) {
    List<String> shown = request.header("Authorization").toList();
    if (!shown.isEmpty()) {
      String value = shown.getFirst();
      return shown.size() == 1 && value.regionMatches(true, 0, "Bearer ", 0, 7)
          ? credentials
              .find(value.substring(7).strip())
              .map(holder -> new Caller(Optional.of(holder), Optional.empty()))
          : Optional.empty();
    }
    return cookie(request)
        .flatMap(
            text ->
                sessions
                    .find(text)
                    .filter(
                        session -> {
                          boolean counts = credentials.counts(session.holder());
                          if (!counts) {
                            sessions.end(text);
                          }
                          return counts;
                        }))
        .map(session -> new Caller(Optional.of(session.holder()), Optional.of(session)));
  }

  /** The session's cookie, as the browser shows it. */
  Optional<String> cookie(Context request) {
    for (String header : request.header("Cookie").toList()) {
      for (String pair : SEMICOLON.split(header, MOST_COOKIES)) {
        String text = pair.strip();
        if (text.startsWith(cookie + "=")) {
          return Optional.of(text.substring(cookie.length() + 1));
        }
      }
    }
    return Optional.empty();
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
              + (host.length() > MOST_HOST ? "…" : host)
              + "': if that is a name of yours for it, add it to dashboard.allowed-hosts");
    }
    return authority;
  }

  private void checkOrigin(Context request, String host) {
    for (String origin : request.header("Origin").toList()) {
      int scheme = origin.indexOf("://");
      if (scheme < 0
          || !origin.substring(scheme + 3).equalsIgnoreCase(host)
          || (tls && !origin.regionMatches(true, 0, "https://", 0, 8))) {
        throw new Problem(403, "a page of another site may not ask this node");
      }
    }
  }

  /**
   * What another site's page embeds comes without an Origin. It could not read the answer, but
   * might learn from how long it takes; a link to here may be followed.
   */
  private static void checkSite(Context request) {
    String site = request.header("Sec-Fetch-Site").value("same-origin");
    if ((site.equals("cross-site") || site.equals("same-site"))
        && !request.header("Sec-Fetch-Mode").value("").equals("navigate")) {
      throw new Problem(403, "a page of another site may not ask this node");
    }
  }

  private static Problem unknown(Context request, Role needed) {
    boolean shown =
        request.header("Authorization").isPresent() || request.header("Cookie").isPresent();
    return new Problem(
        401,
        "this needs a token with the role '%s' (Authorization: Bearer TOKEN), or a login at /login%s"
            .formatted(needed.term(), shown ? "; what was shown is none, or counts no more" : ""),
        Map.of(
            "WWW-Authenticate",
            "Bearer realm=\"cyphermesh\"" + (shown ? ", error=\"invalid_token\"" : "")));
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
