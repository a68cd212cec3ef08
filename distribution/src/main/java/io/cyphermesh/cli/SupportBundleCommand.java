package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.offline.OfflineStore;
import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.support.BrokenSettings;
import io.cyphermesh.cli.support.Bundle;
import io.cyphermesh.cli.support.Scrubber;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.ProgressLine;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.node.NodeDatabase;
import io.cyphermesh.core.store.DatabaseCare;
import io.cyphermesh.dashboard.EventJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh support-bundle}. */
@Command(
    name = "support-bundle",
    description = {
      "Collect in one zip file what somebody who helps you needs to see.",
      "",
      "That is: versions of program, Java and system, the settings in force, status, peers, plugins and metrics"
          + " of the running node, facts of the database, the ends of the logs, and the names and"
          + " modes in the data directory.",
      "",
      "Keys, the token, passphrases, HTTP headers, and what of addresses in settings may be secret"
          + " (user, path and query) are left out or replaced by [removed], in logs as well."
          + " Addresses of peers and observed sources stay in it, and events only with"
          + " --with-events. Look through it before you send it."
    },
    footer = {
      "  cyphermesh support-bundle",
      "  cyphermesh support-bundle --with-events --log-mb 20 node-7.zip"
    })
final class SupportBundleCommand implements Callable<Integer> {
  private static final int EVENTS = 1_000;
  private static final int MOST_LOG_MEGABYTES = 60;

  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "The file to write (cyphermesh-support-TIME.zip in the current folder).")
  private @Nullable Path file;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings (CYPHER_CONFIG; cyphermesh.conf in the data directory).")
  private @Nullable String config;

  @Option(
      names = "--log-mb",
      paramLabel = "N",
      defaultValue = "5",
      description = "How much of the logs, 0 to 60 MB (default: ${DEFAULT-VALUE}).")
  private int logMegabytes;

  @Option(names = "--with-events", description = "Add the 1,000 newest events.")
  private boolean withEvents;

  @Option(names = "--force", description = "Replace FILE if it is there.")
  private boolean force;

  SupportBundleCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    if (logMegabytes < 0 || logMegabytes > MOST_LOG_MEGABYTES) {
      throw CommandFailure.usage("--log-mb: give a number from 0 to " + MOST_LOG_MEGABYTES);
    }
    DataDirectory directory = around.dataDirectory(data.directory);
    Restore.requireNone(directory);
    Path target = target();
    if (Files.exists(target) && !force) {
      throw new CommandFailure(target + " is there already: name another, or add --force");
    }
    String fault = "";
    Set<String> known = known(directory);
    Optional<Config> written;
    try {
      written =
          Optional.of(
              around
                  .settings()
                  .read(new Flags().with("--data", data.directory).with("--config", config))
                  .config());
    } catch (CommandFailure e) {
      fault = BrokenSettings.place(CommandFailure.reason(e));
      BrokenSettings broken =
          BrokenSettings.read(config != null ? Path.of(config) : directory.config());
      known.addAll(broken.secrets());
      written = broken.config();
    }
    Scrubber scrubber =
        Scrubber.knowing(known, around.environment(), written.orElse(ConfigFactory.empty()).root());
    List<String> notes = new ArrayList<>(scrubber.notes());
    try (Bundle bundle = new Bundle(target, scrubber)) {
      bundle.add("about.json", Json.ascii(about(directory)) + "\n");
      bundle.add("variables.txt", scrubber.variables(ours(around.environment())));
      bundle.add(
          "settings.txt",
          (fault.isEmpty() ? "" : "cannot be read: the fault is at " + fault + "\n")
              + written.map(scrubber::settings).orElse(""));
      node(bundle, directory, notes);
      bundle.add("database.json", Json.ascii(database(directory)) + "\n");
      if (Files.isDirectory(directory.path())) {
        bundle.addListing(directory);
        bundle.addLogs(directory, (long) logMegabytes << 20);
      } else {
        notes.add("there is no folder " + directory.path());
      }
      bundle.add(
          "notes.txt", notes.stream().map(each -> each + "\n").collect(Collectors.joining()));
      bundle.finish();
    }
    Terminal terminal = around.terminal();
    if (json.wanted) {
      JsonObject result = new JsonObject();
      result.addProperty("file", target.toString());
      result.addProperty("bytes", Files.size(target));
      terminal.line(Json.ascii(result));
    } else {
      terminal.line("Wrote " + target + " (" + ProgressLine.size(Files.size(target)) + ").");
      terminal.line("Secrets are left out; look through it before you send it.");
    }
    return 0;
  }

  private Path target() throws IOException {
    Path named =
        file != null
            ? file
            : Path.of(
                "cyphermesh-support-"
                    + around
                        .clock()
                        .instant()
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString()
                        .replace(":", "")
                    + ".zip");
    Path target = named.toAbsolutePath().normalize();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new CommandFailure(target + " is a folder: name a file");
    }
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new CommandFailure("cannot write into " + folder);
    }
    return target;
  }

  private static Set<String> known(DataDirectory directory) throws IOException {
    Set<String> known = new TreeSet<>();
    if (Files.isRegularFile(directory.token()) && Files.isReadable(directory.token())) {
      known.add(new String(Files.readAllBytes(directory.token()), StandardCharsets.UTF_8).strip());
    }
    return known;
  }

  /** Those that mean something to the program; others are nobody's business. */
  private static Map<String, String> ours(Map<String, String> environment) {
    Map<String, String> ours = new TreeMap<>(environment);
    ours.keySet()
        .removeIf(
            name ->
                !name.startsWith("CYPHER_")
                    && !List.of("JAVA_OPTS", "JAVA_HOME", "LANG", "LC_ALL", "TZ").contains(name));
    return ours;
  }

  private JsonObject about(DataDirectory directory) {
    JsonObject about = new JsonObject();
    about.addProperty("version", around.version());
    about.addProperty("created", around.clock().instant().toString());
    about.addProperty("data", directory.path().toString());
    around.installation().ifPresent(home -> about.addProperty("installation", home.toString()));
    for (String property :
        List.of(
            "java.version",
            "java.vendor",
            "java.vm.name",
            "java.vm.info",
            "java.home",
            "os.name",
            "os.version",
            "os.arch",
            "user.name",
            "file.encoding")) {
      about.addProperty(property, System.getProperty(property, "?"));
    }
    about.addProperty("timeZone", ZoneId.systemDefault().getId());
    about.addProperty("locale", Locale.getDefault().toString());
    about.addProperty("processors", Runtime.getRuntime().availableProcessors());
    about.addProperty("container", Files.exists(Path.of("/.dockerenv")));
    for (String system : List.of("/etc/os-release", "/proc/meminfo", "/proc/loadavg")) {
      try {
        about.addProperty(
            system,
            Files.readAllLines(Path.of(system)).stream()
                .limit(system.endsWith("meminfo") ? 3 : 20)
                .collect(Collectors.joining("; ")));
      } catch (IOException e) {
        // Not on this system.
      }
    }
    try {
      about.addProperty("freeBytes", Files.getFileStore(directory.path()).getUsableSpace());
    } catch (IOException e) {
      // It is told of elsewhere.
    }
    return about;
  }

  private void node(Bundle bundle, DataDirectory directory, List<String> notes) throws IOException {
    Optional<NodeClient> node;
    try {
      node = NodeClient.find(directory);
    } catch (CommandFailure e) {
      notes.add(CommandFailure.reason(e));
      return;
    }
    if (node.isEmpty()) {
      notes.add("no node runs on " + directory.path());
      if (withEvents) {
        try (OfflineStore store = around.stores().open(directory)) {
          bundle.add(
              "events.jsonl",
              store.newest(EVENTS).stream()
                  .map(event -> EventJson.text(event) + "\n")
                  .collect(Collectors.joining()));
        } catch (IOException e) {
          notes.add(CommandFailure.reason(e));
        }
      }
      return;
    }
    for (String document : List.of("status", "peers", "plugins")) {
      try {
        bundle.add(
            "node/" + document + ".json", Json.ascii(node.get().get("/api/v1/" + document)) + "\n");
      } catch (NodeGone | CommandFailure e) {
        notes.add(document + ": " + CommandFailure.reason(e));
      }
    }
    try {
      bundle.add("node/metrics.txt", node.get().text("/metrics"));
      if (withEvents) {
        bundle.add(
            "events.jsonl",
            node.get().events(EVENTS, 0).stream()
                .map(event -> Json.ascii(event) + "\n")
                .collect(Collectors.joining()));
      }
    } catch (NodeGone | CommandFailure e) {
      notes.add("metrics or events: " + CommandFailure.reason(e));
    }
  }

  private static JsonObject database(DataDirectory directory) {
    JsonObject database = new JsonObject();
    database.addProperty("file", directory.database().toString());
    try {
      if (Files.exists(directory.database())) {
        DatabaseCare.Facts facts = NodeDatabase.at(directory.database()).facts();
        database.addProperty("schema", facts.schema());
        database.addProperty("events", facts.events());
        database.addProperty("bytes", facts.bytes());
      }
    } catch (IOException e) {
      database.addProperty("error", CommandFailure.reason(e));
    }
    database.addProperty("latestSchema", NodeDatabase.latestSchema());
    return database;
  }
}
