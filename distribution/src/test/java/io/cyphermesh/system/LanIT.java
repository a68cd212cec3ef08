package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts on one switch, that nobody told of each other. */
@Tag("system")
class LanIT {
  private final List<Process> nodes = new ArrayList<>();
  private Hosts hosts;

  @TempDir Path directory;

  @BeforeEach
  void makeHosts() {
    assumeTrue(Hosts.allowed(), "network namespaces cannot be made here");
    hosts = Hosts.make(2);
  }

  @AfterEach
  void removeHosts() throws InterruptedException {
    nodes.forEach(Process::destroy);
    for (Process node : nodes) {
      if (!node.waitFor(20, TimeUnit.SECONDS)) {
        node.destroyForcibly();
      }
    }
    if (hosts != null) {
      hosts.close();
    }
  }

  @Test
  void twoNodesOnALanFindEachOtherAndLink() throws IOException {
    start(0);
    start(1);
    for (int i = 0; i < 2; i++) {
      Path log = log(i);
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(log).content().contains("a neighbour at 10.77.0."));
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(log).content().containsPattern("link(ed with|ed from)"));
    }
  }

  private void start(int host) throws IOException {
    Path data = Files.createDirectory(directory.resolve("node-" + host));
    ProcessBuilder builder = Program.command(data, List.of("run", "--dashboard-port", "0"));
    builder.command().addAll(0, hosts.on(host));
    nodes.add(builder.redirectErrorStream(true).redirectOutput(log(host).toFile()).start());
  }

  private Path log(int host) {
    return directory.resolve(host + ".txt");
  }
}
