package io.cyphermesh.cli.settings;

import com.typesafe.config.Config;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.settings.Settings.DashboardTls;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.plugin.PluginFolder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Brings together who may say what: a flag counts before a variable, a variable before the file,
 * the file before the defaults.
 */
public final class SettingsReader {
  private static final Pattern SEPARATOR = Pattern.compile(File.pathSeparator, Pattern.LITERAL);

  /** Every variable that means something, to this program or its launcher. */
  static final Set<String> VARIABLES =
      Set.of(
          "CYPHER_ACCEPT_V1",
          "CYPHER_AOT",
          "CYPHER_AOT_RECORD",
          "CYPHER_BOOTSTRAP",
          "CYPHER_CONFIG",
          "CYPHER_DASHBOARD_HOST",
          "CYPHER_DASHBOARD_PORT",
          "CYPHER_DASHBOARD_PUBLIC_READ",
          "CYPHER_DATA_DIR",
          "CYPHER_DISCOVERY",
          "CYPHER_IP",
          "CYPHER_JAVA",
          "CYPHER_KEY_PASSPHRASE",
          "CYPHER_LOG_LEVEL",
          "CYPHER_PLUGINS_DIR",
          "CYPHER_PORT",
          "CYPHER_SEED_IP",
          "CYPHER_SEED_PORT");

  /** Who besides the file may say a setting: a flag, a variable; empty for none. */
  private record Names(String flag, String variable) {}

  private static final Map<String, Names> NAMES =
      Map.ofEntries(
          Map.entry("host", new Names("--host", "CYPHER_IP")),
          Map.entry("port", new Names("--port", "CYPHER_PORT")),
          Map.entry("seed-ip", new Names("--seed-ip", "CYPHER_SEED_IP")),
          Map.entry("seed-port", new Names("--seed-port", "CYPHER_SEED_PORT")),
          Map.entry("bootstrap", new Names("--bootstrap", "CYPHER_BOOTSTRAP")),
          Map.entry("discovery", new Names("", "CYPHER_DISCOVERY")),
          Map.entry("accept-v1", new Names("", "CYPHER_ACCEPT_V1")),
          Map.entry("dashboard.host", new Names("--dashboard-host", "CYPHER_DASHBOARD_HOST")),
          Map.entry("dashboard.port", new Names("--dashboard-port", "CYPHER_DASHBOARD_PORT")),
          Map.entry("dashboard.public-read", new Names("", "CYPHER_DASHBOARD_PUBLIC_READ")),
          Map.entry("log.level", new Names("", "CYPHER_LOG_LEVEL")));

  private final Map<String, String> environment;
  private final Path userHome;
  private final Optional<Path> installation;

  /**
   * Reads for one process.
   *
   * @param environment the process's variables
   * @param userHome where {@code .cyphermesh} is looked for
   * @param installation the folder of the unpacked archive, where there is one
   */
  public SettingsReader(
      Map<String, String> environment, Path userHome, Optional<Path> installation) {
    this.environment = environment;
    this.userHome = userHome;
    this.installation = installation;
  }

  /** The data directory alone, for commands that need no more. */
  public DataDirectory dataDirectory(Flags flags) {
    return new DataDirectory(
        said(flags, "--data", "CYPHER_DATA_DIR")
            .map(SettingsReader::path)
            .orElse(userHome.resolve(".cyphermesh")));
  }

  /**
   * Everything.
   *
   * @throws CommandFailure naming flag, variable or line, and what would be right
   */
  public Settings read(Flags flags) {
    DataDirectory data = dataDirectory(flags);
    if (Files.exists(data.path()) && !Files.isDirectory(data.path())) {
      throw CommandFailure.usage("the data directory " + data.path() + " is a file: name a folder");
    }
    Optional<Said> other = said(flags, "--config", "CYPHER_CONFIG");
    Path named = other.map(SettingsReader::path).orElse(data.config());
    if (other.isPresent() && !Files.isRegularFile(named)) {
      throw CommandFailure.usage(other.get().origin() + ": there is no file " + named);
    }
    SettingsFile file = SettingsFile.read(named.toAbsolutePath());
    return new Settings(
        data,
        new HostPort(host(required(flags, file, "host")), port(required(flags, file, "port"), 0)),
        seed(flags, file),
        pluginFolders(flags, file, data),
        discovery(flags, file),
        bool(required(flags, file, "accept-v1")),
        new HostPort(
            host(required(flags, file, "dashboard.host")),
            port(required(flags, file, "dashboard.port"), 0)),
        bool(required(flags, file, "dashboard.public-read")),
        file.values("dashboard.allowed-hosts").stream().map(SettingsReader::host).toList(),
        tls(file),
        file.values("dashboard.geo").stream()
            .map(said -> path(new Said(data.path().resolve(said.text()).toString(), said.origin())))
            .toList(),
        oneOf(
            required(flags, file, "log.level"), List.of("error", "warn", "info", "debug", "trace")),
        unknownVariables(),
        overrides(flags),
        file.config(),
        () -> reread(named.toAbsolutePath()));
  }

  private static Optional<DashboardTls> tls(SettingsFile file) {
    Optional<Said> certificate = file.value("dashboard.tls.certificate");
    Optional<Said> key = file.value("dashboard.tls.key");
    boolean selfSigned =
        file.value("dashboard.tls.self-signed").map(SettingsReader::bool).orElse(false);
    if (certificate.isPresent() != key.isPresent()) {
      throw certificate
          .or(() -> key)
          .orElseThrow()
          .wrong("dashboard.tls wants both, a certificate and its key");
    }
    if (certificate.isEmpty()) {
      return selfSigned ? Optional.of(new DashboardTls.SelfSigned()) : Optional.empty();
    }
    if (selfSigned) {
      throw certificate.get().wrong("it is either a certificate of yours or self-signed = true");
    }
    return Optional.of(
        new DashboardTls.Files(readable(file, certificate.get()), readable(file, key.get())));
  }

  private static Path readable(SettingsFile file, Said said) {
    Path path = path(new Said(file.folder().resolve(said.text()).toString(), said.origin()));
    if (!Files.isReadable(path)) {
      throw said.wrong("there is no such file, or this user may not read it");
    }
    return path;
  }

  private static Config reread(Path file) {
    try {
      return SettingsFile.read(file).config();
    } catch (CommandFailure e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private Optional<Said> said(Flags flags, String flag, String variable) {
    Optional<Said> said = flags.value(flag).map(text -> new Said(text, flag));
    // Compose files pass a variable that is not set as an empty one.
    String value = environment.getOrDefault(variable, "");
    return said.isPresent() || value.isBlank()
        ? said
        : Optional.of(new Said(value.strip(), variable));
  }

  private Optional<Said> said(Flags flags, SettingsFile file, String path) {
    Names names = Objects.requireNonNull(NAMES.get(path), path);
    Optional<Said> said = said(flags, names.flag, names.variable);
    return said.isPresent() ? said : file.value(path);
  }

  /** What flags and variables say, by path. */
  private List<Settings.Overriding> overrides(Flags flags) {
    Map<String, Settings.Overriding> found = new TreeMap<>();
    NAMES.forEach(
        (path, names) ->
            said(flags, names.flag, names.variable)
                .ifPresent(
                    said ->
                        found.put(
                            path,
                            new Settings.Overriding(path, List.of(said.text()), said.origin()))));
    if (flags.value("--no-discovery").isPresent()) {
      found.put(
          "discovery", new Settings.Overriding("discovery", List.of("false"), "--no-discovery"));
    }
    List<Said> folders = namedFolders(flags);
    if (!folders.isEmpty()) {
      found.put(
          "plugins-dir",
          new Settings.Overriding(
              "plugins-dir",
              folders.stream().map(Said::text).toList(),
              folders.getFirst().origin()));
    }
    return List.copyOf(found.values());
  }

  private Said required(Flags flags, SettingsFile file, String path) {
    return said(flags, file, path)
        .orElseThrow(() -> new IllegalStateException("no default for " + path));
  }

  private Optional<HostPort> seed(Flags flags, SettingsFile file) {
    Optional<Said> address = said(flags, file, "seed-ip");
    int port = port(required(flags, file, "seed-port"), 1);
    Optional<Said> bootstrap = said(flags, file, "bootstrap");
    // Who names a seed and says nothing else wants to reach it.
    boolean connect =
        bootstrap
            .map(said -> oneOf(said, List.of("SEED", "CONNECT")).equals("CONNECT"))
            .orElse(address.isPresent());
    if (!connect) {
      return Optional.empty();
    }
    Said host =
        address.orElseThrow(
            () ->
                CommandFailure.usage(
                    bootstrap.map(Said::origin).orElse("--bootstrap")
                        + ": CONNECT needs the node to connect to: give --seed-ip or"
                        + " CYPHER_SEED_IP"));
    return Optional.of(new HostPort(host(host), port));
  }

  private boolean discovery(Flags flags, SettingsFile file) {
    return flags.value("--no-discovery").isEmpty() && bool(required(flags, file, "discovery"));
  }

  private List<PluginFolder> pluginFolders(Flags flags, SettingsFile file, DataDirectory data) {
    List<PluginFolder> folders = new ArrayList<>();
    installation
        .map(home -> home.resolve("plugins"))
        .filter(Files::isDirectory)
        .map(PluginFolder::bundled)
        .ifPresent(folders::add);
    List<Said> named = new ArrayList<>(namedFolders(flags));
    if (named.isEmpty()) {
      file.values("plugins-dir")
          .forEach(
              folder ->
                  named.add(
                      new Said(file.folder().resolve(folder.text()).toString(), folder.origin())));
    }
    for (Said said : named) {
      Path folder = path(said);
      if (!Files.isDirectory(folder)) {
        throw said.wrong("there is no such folder of plugins");
      }
      add(folders, folder);
    }
    if (named.isEmpty()) {
      add(folders, data.plugins());
    }
    return folders;
  }

  /** Folders of plugins that flags or the variable name. */
  private List<Said> namedFolders(Flags flags) {
    if (!flags.plugins().isEmpty()) {
      return flags.plugins().stream().map(folder -> new Said(folder, "--plugins")).toList();
    }
    return SEPARATOR
        .splitAsStream(environment.getOrDefault("CYPHER_PLUGINS_DIR", ""))
        .filter(folder -> !folder.isBlank())
        .map(folder -> new Said(folder.strip(), "CYPHER_PLUGINS_DIR"))
        .toList();
  }

  private static void add(List<PluginFolder> folders, Path folder) {
    if (folders.stream().noneMatch(known -> known.path().equals(folder))) {
      folders.add(PluginFolder.own(folder));
    }
  }

  private List<String> unknownVariables() {
    Set<String> unknown = new TreeSet<>(environment.keySet());
    unknown.removeIf(name -> !name.startsWith("CYPHER_") || VARIABLES.contains(name));
    return unknown.stream()
        .map(
            name ->
                "the variable "
                    + name
                    + " has no meaning here"
                    + Nearest.to(name, VARIABLES)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(""))
        .toList();
  }

  private static Path path(Said said) {
    try {
      return Path.of(said.text()).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw said.wrong("it cannot be a path");
    }
  }

  private static String host(Said said) {
    String text = said.text();
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    boolean hasPort = bare.indexOf(':') >= 0 && bare.indexOf(':') == bare.lastIndexOf(':');
    try {
      if (hasPort) {
        throw new IllegalArgumentException();
      }
      return new HostPort(bare, 0).host();
    } catch (IllegalArgumentException e) {
      throw said.wrong("give a host name or an IP address, without a port");
    }
  }

  private static int port(Said said, int least) {
    try {
      int port = Integer.parseInt(said.text());
      if (port >= least && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw said.wrong(
        "a port is a number from 1 to 65535" + (least == 0 ? ", or 0 for any free one" : ""));
  }

  private static boolean bool(Said said) {
    return switch (said.text().toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw said.wrong("write true or false");
    };
  }

  private static String oneOf(Said said, List<String> terms) {
    return terms.stream()
        .filter(term -> term.equalsIgnoreCase(said.text()))
        .findFirst()
        .orElseThrow(() -> said.wrong("write one of " + String.join(", ", terms)));
  }
}
