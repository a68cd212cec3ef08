package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.docs.Generated;
import io.cyphermesh.docs.Page;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Types the commands of all pages that are marked with this test's name into a shell: {@code run:
 * DocsIT} beside a running node of somebody new, {@code run: DocsIT, stopped} after it stopped. Two
 * things are not as the pages say: the dashboard has a free port in place of 5050, and a folder of
 * sample logs stands for {@code /var/log}.
 */
@Tag("system")
class DocsIT {
  private static final Pattern METRIC =
      Pattern.compile("(?<![\\w.])cyphermesh_[a-z_]+(?![\\w:/-])");

  @TempDir private Path home;
  private Node node;

  @BeforeEach
  void startANode() throws IOException {
    Path data = home.resolve(".cyphermesh");
    Files.createDirectories(data);
    Files.writeString(
        data.resolve("cyphermesh.conf"),
        // Only an exporter has metrics of exporters.
        "plugins.webhook-exporter { enabled = true, url = \"http://127.0.0.1:9/\" }\n");
    Path logs = Files.createDirectories(home.resolve("log"));
    Files.writeString(logs.resolve("auth.log"), failures());
    Files.writeString(logs.resolve("auth.log.1"), failures());
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(logs.resolve("auth.log.2.gz")))) {
      packed.write(failures().getBytes(StandardCharsets.UTF_8));
    }
    Files.writeString(home.resolve("my-detector.jar"), "not a plugin, but a file to be summed up");
    node = Node.start(data, 0);
    assertThat(
            node.post(
                    "/api/v1/events",
                    "{\"source_ip\": \"203.0.113.7\", \"threat_type\": \"port-scan\","
                        + " \"severity\": \"low\"}")
                .statusCode())
        .isEqualTo(201);
  }

  @AfterEach
  void stop() {
    if (node != null) {
      node.close();
    }
  }

  private static String failures() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      lines
          .append("2026-01-01T12:00:0")
          .append(i)
          .append("Z gate sshd[7]: Failed password for root from 203.0.113.7 port 400")
          .append(i)
          .append(" ssh2\n");
    }
    return lines.toString();
  }

  @Test
  void theCommandsOfThePagesWork() throws Exception {
    follow("run: DocsIT", node.url());
    assertThat(node.isAlive()).isTrue();
  }

  @Test
  void theCommandsForAStoppedNodeWork() throws Exception {
    URI dashboard = node.url();
    node.stop();
    follow("run: DocsIT, stopped", dashboard);
  }

  private void follow(String mark, URI dashboard) throws IOException, InterruptedException {
    List<String> failed = new ArrayList<>();
    int run = 0;
    for (Page page : Page.all(Generated.ROOT)) {
      try (Shell shell = shell(dashboard)) {
        for (Page.Block block : page.blocks()) {
          if (page.mark(block).filter(mark::equals).isPresent()) {
            run++;
            try {
              shell.run(block.text());
            } catch (IllegalStateException e) {
              failed.add(page.file() + ":" + block.line() + " " + e.getMessage());
              break;
            }
          }
        }
      }
    }
    assertThat(failed).isEmpty();
    assertThat(run).as("blocks with " + mark).isPositive();
  }

  @Test
  void everyMetricThatIsNamedIsThere() throws Exception {
    Set<String> exported =
        node.get("/metrics")
            .body()
            .lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split("[{ ]", 2)[0])
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(exported).contains("cyphermesh_links");
    for (Page page : Page.all(Generated.ROOT)) {
      // Compose's volumes are named in the same way.
      assertThat(
              METRIC
                  .matcher(Files.readString(page.file()))
                  .results()
                  .map(match -> match.group())
                  .filter(name -> !name.equals("cyphermesh_data")))
          .as(page.file().toString())
          .isSubsetOf(exported);
    }
    // The JVM's are named by their prefixes.
    assertThat(Files.readString(Generated.ROOT.resolve("docs/operations.md")))
        .contains(exported.stream().filter(name -> name.startsWith("cyphermesh_")).toList());
  }

  private Shell shell(URI dashboard) throws IOException, InterruptedException {
    Path bin = Objects.requireNonNull(Program.launcher().getParent());
    Shell shell = Shell.in(home, environment -> asOfSomebodyNew(environment, bin));
    shell.run(
        """
        cyphermesh() { command cyphermesh "${@//\\/var\\/log\\//$HOME/log/}"; }
        curl() { command curl --fail "${@//http:\\/\\/localhost:5050/%s}"; }
        """
            .formatted(dashboard));
    return shell;
  }

  private void asOfSomebodyNew(Map<String, String> environment, Path bin) {
    environment.keySet().removeIf(key -> key.startsWith("CYPHER") || key.equals("JAVA_OPTS"));
    environment.put("HOME", home.toString());
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    environment.put("CYPHER_JAVA", Path.of(System.getProperty("java.home")).toString());
    // Java takes the home folder from the system's list of users, not from HOME.
    environment.put("CYPHER_DATA_DIR", node.data().toString());
  }
}
