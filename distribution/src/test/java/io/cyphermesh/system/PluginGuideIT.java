package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.cyphermesh.system.Guide.Run;
import io.cyphermesh.system.Guide.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Follows docs/plugin-guide.md word by word: writes its files into a folder far from the sources,
 * types its commands into a shell, and looks at the nodes where the guide tells its reader to look.
 */
@Tag("system")
class PluginGuideIT {
  private static final String PLUGIN = "vault-guard";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path home;
  private Path project;
  private Guide guide;
  private Iterator<Guide.Step> steps;
  private Shell shell;
  private Node a;
  private Node b;

  @BeforeEach
  void openTheGuideAndStartItsNodes() throws IOException, InterruptedException {
    Path archive = Program.launcher().resolve("../..").normalize();
    Files.createSymbolicLink(home.resolve(Objects.requireNonNull(archive.getFileName())), archive);
    project = home.resolve(PLUGIN);
    guide = Guide.read(archive.resolve("docs").resolve("plugin-guide.md"));
    steps = guide.steps().iterator();
    shell = Shell.in(home, this::asOfSomebodyNew);
    follow("cyphermesh.conf");
    a = Node.start(data(), 0);
    b =
        Node.start(
            home.resolve("second"),
            0,
            "--seed-ip",
            "127.0.0.1",
            "--seed-port",
            Integer.toString(a.port()));
    until("a link", () -> a.status().get("peersConnected").getAsInt() == 1);
  }

  @AfterEach
  void closeAll() throws IOException {
    for (Node node : new Node[] {b, a}) {
      if (node != null) {
        node.close();
      }
    }
    if (shell != null) {
      shell.close();
    }
  }

  private void asOfSomebodyNew(Map<String, String> environment) {
    String java = Path.of(System.getProperty("java.home")).toString();
    environment
        .keySet()
        .removeIf(
            key ->
                key.startsWith("CYPHER")
                    || key.equals("JAVA_OPTS")
                    || (key.startsWith("MAVEN_") && !key.equals("MAVEN_OPTS")));
    environment.put("HOME", home.toString());
    environment.put("JAVA_HOME", java);
    environment.put("CYPHER_JAVA", java);
    // Java takes the home folder from the system's list of users, not from HOME.
    environment.put("CYPHER_DATA_DIR", data().toString());
  }

  private Path data() {
    return home.resolve(".cyphermesh");
  }

  @Test
  void itLeadsFromNothingToAPluginThatIsBrokenFixedAndUpgraded() throws Exception {
    assertThat(guide.linesOfJava()).as("lines of the plugin").isBetween(1L, 60L);

    long pid = a.pid();

    follow("mkdir ~/vault-guard");
    keepMavenFromTheTestersRepository();
    assertThat(follow("mvn package")).contains("BUILD SUCCESS", "Tests run: 10");
    assertThat(plugin()).isEmpty();
    follow("install -m 644 target/vault-guard-1.0.0.jar");
    untilItIs("ACTIVE", "1.0.0");
    assertThat(follow("plugins info")).contains(PLUGIN, "ACTIVE");

    follow("attack 203.0.113.7");
    assertThat(arrival("203.0.113.7").get("severity").getAsString()).isEqualTo("high");
    assertThat(follow("cyphermesh events")).contains("203.0.113.7", "vault-bruteforce");
    assertThat(follow("cyphermesh detect"))
        .contains("203.0.113.7: 4 of 5", "5 lines read, 5 matched, 1 detection");

    assertThat(follow("mvn package -DskipTests")).contains("BUILD SUCCESS");
    follow("rm ~/.cyphermesh/plugins/vault-guard-1.0.0.jar");
    until("it is gone", () -> plugin().isEmpty());
    follow("install -m 644 target/vault-guard-1.0.0.jar");
    untilItIs("FAILED", "1.0.0");
    assertThat(plugin().orElseThrow().get("lastError").getAsString()).contains("out of coffee");
    assertThat(follow("plugins info")).contains("FAILED", "out of coffee");
    follow("attack 203.0.113.8");

    assertThat(follow("mvn package")).contains("BUILD SUCCESS", "Tests run: 10");
    untilItIs("ACTIVE", "1.0.0");
    arrival("203.0.113.8");

    follow("plugins install target/vault-guard-1.1.0.jar");
    untilItIs("ACTIVE", "1.1.0");
    assertThat(data().resolve("plugins")).isDirectoryNotContaining("glob:**1.0.0.jar");
    follow("attack 203.0.113.9");
    assertThat(arrival("203.0.113.9").get("severity").getAsString()).isEqualTo("critical");

    assertThat(steps).as("nothing is left to do").isExhausted();
    assertThat(b.allEvents()).as("each attack is told once").hasSize(3);
    assertThat(a.isAlive()).isTrue();
    assertThat(a.pid()).isEqualTo(pid);
  }

  /**
   * Does all up to the next commands that contain a text, these included, and gives what they
   * print.
   */
  private String follow(String text) throws IOException, InterruptedException {
    while (steps.hasNext()) {
      switch (steps.next()) {
        case Write(Path file, String content) -> {
          Path target = project.resolve(file);
          Files.createDirectories(target.getParent());
          Files.writeString(target, content);
        }
        case Run(String commands) -> {
          String printed = shell.run(commands);
          if (commands.contains(text)) {
            return printed;
          }
        }
      }
    }
    throw new AssertionError("from here on the guide has no commands with: " + text);
  }

  /**
   * Lets Maven have what the build of CypherMesh has fetched already, and put what it fetches into
   * a repository of its own: the archive's sdk must not get into the tester's.
   */
  private void keepMavenFromTheTestersRepository() throws IOException {
    String repository =
        "<id>fetched</id><url>"
            + Path.of(System.getProperty("system.repository")).toUri()
            + "</url><releases><checksumPolicy>ignore</checksumPolicy></releases>"
            + "<snapshots><enabled>false</enabled></snapshots>";
    Path settings =
        Files.writeString(
            home.resolve("settings.xml"),
            "<settings><profiles><profile><id>fetched</id><repositories><repository>"
                + repository
                + "</repository></repositories><pluginRepositories><pluginRepository>"
                + repository
                + "</pluginRepository></pluginRepositories></profile></profiles>"
                + "<activeProfiles><activeProfile>fetched</activeProfile></activeProfiles>"
                + "</settings>");
    Files.createDirectories(project.resolve(".mvn"));
    Files.writeString(
        project.resolve(".mvn").resolve("maven.config"),
        String.join(
            "\n",
            List.of(
                "-B",
                "-ntp",
                "-gs",
                settings.toString(),
                "-Dmaven.repo.local=" + home.resolve("repository"))));
  }

  private Optional<JsonObject> plugin() throws IOException {
    return a.plugins().stream()
        .filter(plugin -> plugin.get("id").getAsString().equals(PLUGIN))
        .findFirst();
  }

  private void untilItIs(String state, String version) {
    until(
        PLUGIN + " " + version + " is " + state,
        () ->
            plugin()
                .filter(plugin -> plugin.get("state").getAsString().equals(state))
                .filter(plugin -> plugin.get("version").getAsString().equals(version))
                .isPresent());
  }

  /** The event of a source, once it is at the other node, verified there. */
  private JsonObject arrival(String source) throws IOException {
    until("the event of " + source + " at the other node", () -> event(source).isPresent());
    JsonObject event = event(source).orElseThrow();
    assertThat(event.get("threat_type").getAsString()).isEqualTo("vault-bruteforce");
    assertThat(event.get("verified").getAsBoolean()).isTrue();
    assertThat(event.get("local").getAsBoolean()).isFalse();
    assertThat(event.get("reporterId").getAsString()).isEqualTo(a.nodeId());
    assertThat(event.getAsJsonObject("details").get("count").getAsInt()).isEqualTo(5);
    return event;
  }

  private Optional<JsonObject> event(String source) throws IOException {
    return b.allEvents().stream()
        .filter(event -> event.get("source_ip").getAsString().equals(source))
        .findFirst();
  }

  private static void until(String what, Callable<Boolean> condition) {
    await(what).atMost(SOON).pollInterval(Duration.ofMillis(50)).until(condition);
  }
}
