package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a dashboard is served.
 *
 * @param listen where it listens; port 0 takes any free one
 * @param publicRead whether anybody who reaches it beyond loopback may read without a token
 * @param tokenFile the local token, which may do everything; created where it is absent, readable
 *     by its owner only. Beside it lie {@code tokens.json} and {@code audit.log}
 * @param allowedHosts further names under which browsers may address it
 * @param tls its certificate; empty for plain HTTP
 * @param geo MMDB files by which countries and networks of addresses are known; one that is not
 *     there says nothing
 */
public record DashboardSettings(
    HostPort listen,
    boolean publicRead,
    Path tokenFile,
    List<String> allowedHosts,
    Optional<Tls> tls,
    List<Path> geo) {
  public DashboardSettings {
    allowedHosts = List.copyOf(allowedHosts);
    geo = List.copyOf(geo);
  }

  /** Where HTTPS takes its certificate from. */
  public sealed interface Tls {

    /**
     * The operator's.
     *
     * @param certificate PEM, the server's first, then those that lead to its authority
     * @param key PEM, unencrypted PKCS #8
     */
    record Files(Path certificate, Path key) implements Tls {}

    /**
     * One that the node makes for itself, and keeps.
     *
     * @param folder where it lies
     */
    record SelfSigned(Path folder) implements Tls {}
  }

  Path tokens() {
    return tokenFile.resolveSibling("tokens.json");
  }

  Path auditLog() {
    return tokenFile.resolveSibling("audit.log");
  }
}
