package io.cyphermesh.hotswap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.control.ManualReport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transport is a plugin like the others: it is switched off, on and reloaded. */
@Tag("system")
class TransportSwapIT {
  private static final String TRANSPORT = "tcp-transport";

  @TempDir private Path folder;
  private Optional<LiveNode> a = Optional.empty();
  private Optional<LiveNode> b = Optional.empty();

  @AfterEach
  void stopBoth() {
    b.ifPresent(LiveNode::close);
    a.ifPresent(LiveNode::close);
  }

  @Test
  void linksEndWithTheTransportAndComeBackWithIt() throws Exception {
    LiveNode listens = start("a", Optional.empty());
    a = Optional.of(listens);
    LiveNode dials = start("b", Optional.of(listens.address()));
    b = Optional.of(dials);
    await("a link").atMost(Duration.ofSeconds(20)).until(() -> linked(listens, dials));

    assertThat(dials.control().disablePlugin(TRANSPORT).state()).isEqualTo("DISABLED");

    assertThat(dials.view().status().listening()).isEmpty();
    await().until(() -> listens.links() == 0 && dials.links() == 0);
    dials.control().report(new ManualReport("203.0.113.9", "alone", "high", Optional.empty()));

    assertThat(dials.control().enablePlugin(TRANSPORT).state()).isEqualTo("ACTIVE");

    assertThat(dials.view().status().listening()).isPresent();
    await("a new link").atMost(Duration.ofSeconds(90)).until(() -> linked(listens, dials));
    await("what was reported meanwhile")
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                listens.view().events(50, Optional.empty()).events().stream()
                    .anyMatch(event -> event.threatType().equals("alone")));
  }

  @Test
  void aReloadedTransportLeavesNothingBehind() throws Exception {
    LiveNode listens = start("a", Optional.empty());
    a = Optional.of(listens);
    LiveNode dials = start("b", Optional.of(listens.address()));
    b = Optional.of(dials);
    await("a link").atMost(Duration.ofSeconds(20)).until(() -> linked(listens, dials));
    long before = pluginLoaders();

    dials.control().reloadPlugin(TRANSPORT);

    await("a new link").atMost(Duration.ofSeconds(90)).until(() -> linked(listens, dials));
    await("the former classes are gone")
        .atMost(Duration.ofSeconds(60))
        .until(() -> pluginLoaders() == before);
  }

  /** How many class loaders of plugins live, as the JVM's own diagnosis tells. */
  private static long pluginLoaders() throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .filter(line -> line.contains(" io.cyphermesh.core.plugin.IsolatedClassLoader"))
        .mapToLong(line -> Long.parseLong(line.strip().split("\\s+", -1)[1]))
        .sum();
  }

  private LiveNode start(String name, Optional<HostPort> seed) throws IOException {
    return LiveNode.start(folder.resolve(name), seed);
  }

  private static boolean linked(LiveNode one, LiveNode other) {
    return one.links() == 1 && other.links() == 1;
  }
}
