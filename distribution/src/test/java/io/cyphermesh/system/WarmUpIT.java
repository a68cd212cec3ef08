package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AOT cache of an installation that has none yet. */
@Tag("system")
class WarmUpIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private Path home;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void install() throws IOException {
    home = folder.resolve("an installation");
    Path built = Program.launcher().resolve("../..").normalize();
    try (Stream<Path> files = Files.walk(built)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = built.relativize(file).toString();
        if (!name.endsWith(".aot") && !name.startsWith("sdk") && !name.startsWith("docs")) {
          Files.copy(file, home.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  @AfterEach
  void stop() {
    started.forEach(Process::destroyForcibly);
  }

  private Process start(String aot, String... arguments) throws IOException {
    ProcessBuilder builder = Program.command(folder.resolve("data"), List.of(arguments));
    builder.command().set(0, home.resolve("bin/cyphermesh").toString());
    builder.environment().put("CYPHER_AOT", aot);
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("out.txt").toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    started.add(process);
    return process;
  }

  private int run(String aot, String... arguments) throws Exception {
    Process process = start(aot, arguments);
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("out.txt"), StandardCharsets.UTF_8);
  }

  private Process node() throws IOException {
    Process node =
        start(
            "auto",
            "run",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-port",
            "0",
            "--no-discovery");
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(folder.resolve("data/run/node.json")) || !node.isAlive());
    assertThat(node.isAlive()).as("%s", output()).isTrue();
    return node;
  }

  private List<String> caches() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("lib"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(".aot"))
          .toList();
    }
  }

  @Test
  void theCommandMakesACacheThatJavaTakes() throws Exception {
    assertThat(run("require", "--version")).isNotZero();
    assertThat(run("auto", "warm-up")).as("%s", output()).isZero();
    assertThat(caches()).singleElement().asString().endsWith(".aot");
    assertThat(run("require", "--version")).isZero();
    assertThat(run("require", "status", "--data", folder.resolve("none").toString())).isEqualTo(1);
    assertThat(output().lines()).singleElement().asString().contains("cyphermesh run");
  }

  @Test
  void aNodeMakesTheCacheWhenItStopsForTheFirstTime() throws Exception {
    Process node = node();
    node.destroy();
    assertThat(node.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(node.exitValue()).isEqualTo(143);
    assertThat(output()).contains("making the AOT cache");
    assertThat(caches()).singleElement().asString().endsWith(".aot");
    assertThat(run("require", "--version")).as("%s", output()).isZero();
  }

  @Test
  void aNodeThatIsKilledWhileItMakesTheCacheLeavesOneThatIsMadeAnew() throws Exception {
    Process node = node();
    node.destroy();
    Awaitility.await().atMost(PATIENCE).until(() -> !caches().isEmpty() || !node.isAlive());
    List<ProcessHandle> helpers = node.descendants().toList();
    node.destroyForcibly();
    helpers.forEach(ProcessHandle::destroyForcibly);
    assertThat(node.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    Process again = node();
    again.destroy();
    assertThat(again.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(run("require", "--version")).as("%s", output()).isZero();
    assertThat(caches()).singleElement().asString().endsWith(".aot");
  }
}
