package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, run by sh, with a java that tells how it was called. */
class LauncherTest {
  private static final Path SCRIPTS = Path.of("src", "main", "sh");

  @TempDir private Path folder;
  private Path home;
  private Path jdk;

  @BeforeEach
  void install() throws IOException {
    home = folder.resolve("with a space").resolve("cyphermesh");
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    copy("cyphermesh", home.resolve("bin"));
    copy("cyphermesh-add-peer", home.resolve("bin"));
    copy("find-java.sh", home.resolve("lib"));
    Files.createFile(home.resolve("lib").resolve("b.jar"));
    Files.createFile(home.resolve("lib").resolve("a.jar"));
    jdk = java("25.0.3");
  }

  private static void copy(String script, Path to) throws IOException {
    Files.copy(SCRIPTS.resolve(script), to.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
  }

  private Path java(String version) throws IOException {
    Path jdkFolder = folder.resolve("jdk-" + version);
    Path program = Files.createDirectories(jdkFolder.resolve("bin")).resolve("java");
    Files.writeString(program, "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.writeString(jdkFolder.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return jdkFolder;
  }

  private record Result(int code, List<String> out, List<String> err) {}

  private Result run(Map<String, String> variables, Path script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    // Nothing that happens to be installed on this machine.
    builder.environment().put("CYPHER_JAVA_FOLDERS", "");
    builder.environment().putAll(variables);
    Path err = folder.resolve("err.txt");
    Process process = builder.redirectError(err.toFile()).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out.lines().toList(), Files.readAllLines(err));
  }

  private Path launcher() {
    return home.resolve("bin").resolve("cyphermesh");
  }

  @Test
  void aMissingJavaIsOneLine() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("path"));
    for (String tool : List.of("sh", "sed", "dirname", "readlink")) {
      Path program = Path.of("/usr/bin", tool);
      Files.createSymbolicLink(
          empty.resolve(tool), Files.exists(program) ? program : Path.of("/bin", tool));
    }
    Result result = run(Map.of("PATH", empty.toString()), launcher(), "status");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).singleElement().asString().contains("Java 25 is missing");
  }

  @Test
  void anOldJavaHomeIsPassedOver() throws Exception {
    Result result =
        run(
            Map.of("JAVA_HOME", java("17.0.1").toString(), "CYPHER_JAVA_FOLDERS", jdk.toString()),
            launcher(),
            "status");
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).endsWith("io.cyphermesh.cli.Main", "status");
  }

  @Test
  void aNamedJavaThatIsTooOldIsNotReplacedSilently() throws Exception {
    Result result =
        run(
            Map.of("CYPHER_JAVA", java("21.0.1").toString(), "JAVA_HOME", jdk.toString()),
            launcher(),
            "status");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).singleElement().asString().contains("CYPHER_JAVA");
  }

  @Test
  void javaCanBeNamedAsAProgram() throws Exception {
    Result result =
        run(
            Map.of("CYPHER_JAVA", jdk.resolve("bin").resolve("java").toString()),
            launcher(),
            "status");
    assertThat(result.out()).endsWith("status");
  }

  @Test
  void jarsStandOnTheClassPathInTheOrderOfTheirNames() throws Exception {
    Result result = run(Map.of("JAVA_HOME", jdk.toString()), launcher(), "run");
    assertThat(result.out())
        .contains(home.resolve("lib/a.jar") + ":" + home.resolve("lib/b.jar"))
        .contains("-Dcyphermesh.home=" + home, "-Djdk.tls.server.newSessionTicketCount=0");
  }

  @Test
  void nativeLibrariesAreUsedWhereTheyLie() throws Exception {
    Path libraries = home.resolve("lib").resolve("native").resolve("linux-x86_64");
    Files.createDirectories(libraries);
    Files.createFile(libraries.resolve("libsqlitejdbc.so"));
    Path aarch = home.resolve("lib").resolve("native").resolve("linux-aarch_64");
    Files.createDirectories(aarch);
    Files.createFile(aarch.resolve("libsqlitejdbc.so"));
    Result result = run(Map.of("JAVA_HOME", jdk.toString()), launcher(), "run");
    if (!System.getProperty("os.name", "").equals("Linux")) {
      assertThat(result.out()).noneMatch(option -> option.startsWith("-Dorg.sqlite"));
      return;
    }
    Path here = System.getProperty("os.arch", "").equals("aarch64") ? aarch : libraries;
    assertThat(result.out())
        .contains(
            "-Djava.library.path=" + here,
            "-Dorg.sqlite.lib.path=" + here,
            "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true");
  }

  @Test
  void withoutUnpackedLibrariesThoseInTheJarsAreUsed() throws Exception {
    Result result = run(Map.of("JAVA_HOME", jdk.toString()), launcher(), "run");
    assertThat(result.out())
        .doesNotContain("")
        .noneMatch(option -> option.startsWith("-Dorg.sqlite"))
        .noneMatch(option -> option.startsWith("-Dcom.amazon"))
        .noneMatch(option -> option.startsWith("-Djava.library.path"));
  }

  @Test
  void argumentsArriveAsTheyAre() throws Exception {
    Result result =
        run(
            Map.of("JAVA_HOME", jdk.toString()),
            launcher(),
            "report",
            "--details",
            "{\"a\": \"b  c\"}",
            "",
            "*");
    assertThat(result.out()).endsWith("report", "--details", "{\"a\": \"b  c\"}", "", "*");
  }

  @Test
  void furtherOptionsOfTheJvmStandBehindOurs() throws Exception {
    Result result =
        run(Map.of("JAVA_HOME", jdk.toString(), "JAVA_OPTS", "-Xmx1g -Dx=y"), launcher(), "run");
    assertThat(result.out().indexOf("-Xmx1g")).isGreaterThan(result.out().indexOf("-Xmx512m"));
    assertThat(result.out()).contains("-Dx=y");
  }

  @Test
  void linksLeadToTheInstallation() throws Exception {
    Path one = Files.createSymbolicLink(folder.resolve("one"), launcher());
    Path two = Files.createSymbolicLink(folder.resolve("two"), Path.of("one"));
    assertThat(one).exists();
    Result result = run(Map.of("JAVA_HOME", jdk.toString()), two, "peers");
    assertThat(result.out()).contains("-Dcyphermesh.home=" + home).endsWith("peers");
  }

  @Test
  void addPeerIsAProgramOfItsOwn() throws Exception {
    Path link =
        Files.createSymbolicLink(
            folder.resolve("cyphermesh-add-peer"),
            home.resolve("bin").resolve("cyphermesh-add-peer"));
    Result result = run(Map.of("JAVA_HOME", jdk.toString()), link, "192.0.2.1:9001");
    assertThat(result.out()).endsWith("add-peer", "192.0.2.1:9001");
  }

  private Path runtime() throws IOException {
    Path own = home.resolve("runtime");
    Files.createDirectories(own.resolve("bin"));
    for (String file : List.of("bin/java", "release")) {
      Files.copy(jdk.resolve(file), own.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    return own;
  }

  @Test
  void theArchivesOwnJavaComesFirst() throws Exception {
    Path own = runtime();
    Files.writeString(own.resolve("bin/java"), "#!/bin/sh\necho own\n");
    assertThat(run(Map.of("JAVA_HOME", jdk.toString()), launcher(), "status").out())
        .containsExactly("own");
    assertThat(run(Map.of("CYPHER_JAVA", jdk.toString()), launcher(), "status").out())
        .endsWith("status");
  }

  @Test
  void aNodeWithoutACacheMakesOneWhenItStopsAndACommandDoesNot() throws Exception {
    runtime();
    Path cache = home.resolve("lib").resolve("cyphermesh-25.0.3.aot");
    String make = "-Dcyphermesh.aot.make=true";
    assertThat(run(Map.of(), launcher(), "run").out())
        .noneMatch(option -> option.startsWith("-XX:AOT"))
        .contains("-Dcyphermesh.aot=" + cache, make);
    assertThat(run(Map.of(), launcher(), "status").out()).doesNotContain(make);
    assertThat(run(Map.of("CYPHER_AOT", "use"), launcher(), "run").out()).doesNotContain(make);
    assertThat(run(Map.of("CYPHER_AOT", "off"), launcher(), "run").out()).doesNotContain(make);
    Path fresh = folder.resolve("fresh.aot");
    assertThat(run(Map.of("CYPHER_AOT_RECORD", fresh.toString()), launcher(), "run").out())
        .contains("-XX:AOTCacheOutput=" + fresh)
        .doesNotContain(make);
  }

  @Test
  void aCacheIsUsedByAllUnlessThatIsSwitchedOff() throws Exception {
    runtime();
    Path cache = Files.writeString(home.resolve("lib").resolve("cyphermesh-25.0.3.aot"), "x");
    for (String command : List.of("run", "status")) {
      assertThat(run(Map.of(), launcher(), command).out())
          .contains("-XX:AOTCache=" + cache)
          .doesNotContain("-XX:AOTMode=on");
      assertThat(run(Map.of("CYPHER_AOT", "off"), launcher(), command).out())
          .noneMatch(option -> option.startsWith("-XX:AOT"));
    }
    assertThat(run(Map.of("CYPHER_AOT", "require"), launcher(), "status").out())
        .contains("-XX:AOTCache=" + cache, "-XX:AOTMode=on");
  }

  @Test
  void theCacheOfAnotherJavaIsLeftAlone() throws Exception {
    runtime();
    Files.writeString(home.resolve("lib").resolve("cyphermesh-25.0.2.aot"), "x");
    assertThat(run(Map.of(), launcher(), "status").out())
        .noneMatch(option -> option.startsWith("-XX:AOT"));
  }
}
