package io.cyphermesh.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.plugin.PluginFolder;
import io.cyphermesh.docs.Generated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
  @TempDir private Path home;
  private final Map<String, String> environment = new HashMap<>();
  private final Flags flags = new Flags();

  private Settings read() {
    return new SettingsReader(environment, home, Optional.empty()).read(flags);
  }

  private Path config(String text) throws IOException {
    Path folder = Files.createDirectories(home.resolve(".cyphermesh"));
    return Files.writeString(folder.resolve("cyphermesh.conf"), text);
  }

  private void assertWrong(String... parts) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(this::read)
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(2))
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  @Test
  void whereNobodySaysAnythingTheDefaultsHold() {
    Settings settings = read();
    assertThat(settings.data().path()).isEqualTo(home.resolve(".cyphermesh"));
    assertThat(settings.listen()).isEqualTo(new HostPort("0.0.0.0", 9001));
    assertThat(settings.dashboard()).isEqualTo(new HostPort("127.0.0.1", 5050));
    assertThat(settings.seed()).isEmpty();
    assertThat(settings.discovery()).isTrue();
    assertThat(settings.acceptV1()).isTrue();
    assertThat(settings.publicRead()).isFalse();
    assertThat(settings.logLevel()).isEqualTo("info");
    assertThat(settings.pluginFolders())
        .containsExactly(PluginFolder.own(home.resolve(".cyphermesh").resolve("plugins")));
  }

  @Test
  void theFileCountsBeforeTheDefaults() throws IOException {
    config("port = 9101, dashboard { port = 5151 }, accept-v1 = no");
    assertThat(read().listen().port()).isEqualTo(9101);
    assertThat(read().dashboard().port()).isEqualTo(5151);
    assertThat(read().acceptV1()).isFalse();
  }

  @Test
  void aVariableCountsBeforeTheFile() throws IOException {
    config("port = 9101");
    environment.put("CYPHER_PORT", "9102");
    assertThat(read().listen().port()).isEqualTo(9102);
  }

  @Test
  void aFlagCountsBeforeAVariable() throws IOException {
    config("port = 9101");
    environment.put("CYPHER_PORT", "9102");
    flags.with("--port", "9103");
    assertThat(read().listen().port()).isEqualTo(9103);
  }

  @Test
  void anEmptyVariableSaysNothing() {
    environment.put("CYPHER_PORT", "");
    environment.put("CYPHER_SEED_IP", " ");
    assertThat(read().listen().port()).isEqualTo(9001);
    assertThat(read().seed()).isEmpty();
  }

  @Test
  void theDataDirectoryComesFromFlagThenVariable() {
    environment.put("CYPHER_DATA_DIR", home.resolve("a").toString());
    assertThat(read().data().path()).isEqualTo(home.resolve("a"));
    flags.with("--data", home.resolve("b").toString());
    assertThat(read().data().path()).isEqualTo(home.resolve("b"));
  }

  @Test
  void connectDialsTheSeed() {
    flags.with("--bootstrap", "connect").with("--seed-ip", "192.0.2.1").with("--seed-port", "9005");
    assertThat(read().seed()).contains(new HostPort("192.0.2.1", 9005));
  }

  @Test
  void aNamedSeedAloneMeansConnect() {
    environment.put("CYPHER_SEED_IP", "2001:db8::1");
    assertThat(read().seed()).contains(new HostPort("2001:db8::1", 9001));
  }

  @Test
  void whoSaysSeedDialsNobody() {
    environment.put("CYPHER_SEED_IP", "192.0.2.1");
    environment.put("CYPHER_BOOTSTRAP", "SEED");
    assertThat(read().seed()).isEmpty();
  }

  @Test
  void connectWithoutASeedIsRefused() {
    environment.put("CYPHER_BOOTSTRAP", "CONNECT");
    assertWrong("CYPHER_BOOTSTRAP", "--seed-ip");
  }

  @ParameterizedTest
  @CsvSource({
    "CYPHER_PORT, 70000, 1 to 65535",
    "CYPHER_PORT, http, 1 to 65535",
    "CYPHER_SEED_PORT, 0, 1 to 65535",
    "CYPHER_IP, 192.0.2.1:9001, without a port",
    "CYPHER_BOOTSTRAP, MAYBE, 'SEED, CONNECT'",
    "CYPHER_ACCEPT_V1, perhaps, true or false",
    "CYPHER_LOG_LEVEL, loud, 'info, debug'",
    "CYPHER_PLUGINS_DIR, /nowhere/at/all, no such folder"
  })
  void aWrongVariableIsNamedWithWhatIsRight(String variable, String value, String right) {
    environment.put(variable, value);
    assertWrong(variable, value, right);
  }

  @Test
  void aWrongValueInTheFileIsNamedWithItsLine() throws IOException {
    Path file = config("# mine\n\ndashboard.port = many\n");
    assertWrong(file + ":3", "dashboard.port", "1 to 65535");
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheNearest() throws IOException {
    Path file = config("host = localhost\nprot = 9001\n");
    assertWrong(file + ":2", "'prot'", "'port'");
  }

  @Test
  void anUnknownKeyInASectionOfOursIsNamed() throws IOException {
    Path file = config("dashboard {\n  pubic-read = true\n}\n");
    assertWrong(file + ":2", "'dashboard.pubic-read'", "'dashboard.public-read'");
  }

  @Test
  void brokenHoconIsNamedWithItsLine() throws IOException {
    Path file = config("port = 9001\nhost = {\n");
    assertWrong(file.toString());
  }

  @Test
  void aSectionWhereAValueBelongsIsRefused() throws IOException {
    Path file = config("port { a = 1 }");
    assertWrong(file + ":1", "one value");
  }

  @Test
  void sectionsOfPluginsAndLimitsAreHandedOn() throws IOException {
    config("plugins.log-watcher.files = [\"/var/log/auth.log\"]\nlimits.sessions = 8");
    assertThat(read().config().getStringList("plugins.log-watcher.files"))
        .containsExactly("/var/log/auth.log");
    assertThat(read().config().getInt("limits.sessions")).isEqualTo(8);
  }

  @Test
  void namedFoldersOfPluginsTakeThePlaceOfTheDefaultOne() throws IOException {
    Path a = Files.createDirectory(home.resolve("a"));
    Path b = Files.createDirectory(home.resolve("b"));
    flags.withPlugins(List.of(a.toString(), b.toString()));
    assertThat(read().pluginFolders()).containsExactly(PluginFolder.own(a), PluginFolder.own(b));
  }

  @Test
  void bundledPluginsComeFirst() throws IOException {
    Path bundled = Files.createDirectories(home.resolve("app").resolve("plugins"));
    assertThat(
            new SettingsReader(environment, home, Optional.of(home.resolve("app")))
                .read(flags)
                .pluginFolders())
        .startsWith(PluginFolder.bundled(bundled))
        .hasSize(2);
  }

  @Test
  void aRelativeFolderOfPluginsInTheFileBeginsAtTheFile() throws IOException {
    Path file = config("plugins-dir = [mine]");
    Path mine = Files.createDirectory(file.resolveSibling("mine"));
    assertThat(read().pluginFolders()).containsExactly(PluginFolder.own(mine));
  }

  @Test
  void aNamedFileMustBeThere() {
    flags.with("--config", home.resolve("none.conf").toString());
    assertWrong("--config", "none.conf");
  }

  @Test
  void aMisspeltVariableIsWarnedOf() {
    environment.put("CYPHER_DASHBORD_PORT", "1");
    assertThat(read().warnings())
        .singleElement()
        .asString()
        .contains("CYPHER_DASHBORD_PORT", "CYPHER_DASHBOARD_PORT");
  }

  @Test
  void everyVariableIsInTheReference() throws IOException {
    String page = Files.readString(Generated.ROOT.resolve("docs/configuration.md"));
    assertThat(SettingsReader.VARIABLES)
        .allSatisfy(variable -> assertThat(page).contains("`" + variable + "`"));
  }
}
