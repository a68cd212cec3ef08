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

/**
 * Two hosts on one wire: network namespaces with a pair of virtual interfaces, which nothing else
 * reaches. Only where this is allowed, hence as root.
 */
@Tag("system")
class LanIT {
  private final String[] hosts = {
    "cm-a-" + ProcessHandle.current().pid(), "cm-b-" + ProcessHandle.current().pid()
  };
  private final List<Process> nodes = new ArrayList<>();

  @TempDir Path directory;

  @BeforeEach
  void makeHosts() throws Exception {
    for (String host : hosts) {
      assumeTrue(
          ip("netns", "add", host) && ip("netns", "exec", host, "true"),
          "network namespaces cannot be made here");
      ip("-n", host, "link", "set", "lo", "up");
    }
    assumeTrue(
        ip(
            "link", "add", "lan0", "netns", hosts[0], "type", "veth", "peer", "name", "lan0",
            "netns", hosts[1]),
        "virtual interfaces cannot be made here");
    for (int i = 0; i < hosts.length; i++) {
      String address = "10.77.0.%d/24".formatted(i + 1);
      assertThat(ip("-n", hosts[i], "addr", "add", address, "brd", "+", "dev", "lan0")).isTrue();
      assertThat(ip("-n", hosts[i], "link", "set", "lan0", "up")).isTrue();
    }
  }

  @AfterEach
  void removeHosts() throws Exception {
    nodes.forEach(Process::destroy);
    for (Process node : nodes) {
      if (!node.waitFor(20, TimeUnit.SECONDS)) {
        node.destroyForcibly();
      }
    }
    for (String host : hosts) {
      ip("netns", "del", host);
    }
  }

  @Test
  void twoNodesOnALanFindEachOtherAndLink() throws IOException {
    for (String host : hosts) {
      start(host);
    }
    for (String host : hosts) {
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(log(host)).contains("a neighbour at 10.77.0."));
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(log(host)).containsPattern("link(ed with|ed from)"));
    }
  }

  private void start(String host) throws IOException {
    Path data = Files.createDirectory(directory.resolve(host));
    ProcessBuilder builder = Program.command(data, List.of("run", "--dashboard-port", "0"));
    builder.command().addAll(0, List.of("ip", "netns", "exec", host));
    nodes.add(
        builder
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(host + ".txt").toFile())
            .start());
  }

  private String log(String host) throws IOException {
    return Files.readString(directory.resolve(host + ".txt"));
  }

  private static boolean ip(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      // There is no such program.
      return false;
    }
  }
}
