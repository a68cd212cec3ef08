package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import java.nio.file.Path;
import java.util.List;

/**
 * How a dashboard is served.
 *
 * @param listen where it listens; port 0 takes any free port
 * @param publicRead whether anybody who reaches it beyond loopback may read without the token
 * @param tokenFile the token that writing needs; created where it is absent, readable by its owner
 *     only
 * @param allowedHosts further names under which browsers may address it
 */
public record DashboardSettings(
    HostPort listen, boolean publicRead, Path tokenFile, List<String> allowedHosts) {
  public DashboardSettings {
    allowedHosts = List.copyOf(allowedHosts);
  }
}
