package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.ProgressLine;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.verify.EventFile;
import io.cyphermesh.cli.verify.Finding;
import io.cyphermesh.core.control.ImportedEvents;
import io.cyphermesh.core.node.OfflineImport;
import io.cyphermesh.core.plugin.DataOwner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh import}. */
@Command(
    name = "import",
    description = {
      "Bring events from files into the node.",
      "",
      "The files are what 'cyphermesh events --json' prints, or whatever else 'cyphermesh verify'"
          + " reads. A running node takes them in at once; else its database is written.",
      "",
      "Each event is judged as one from a peer: form, id, signature, age, bans. Invalid, banned and"
          + " outdated ones are refused. But nobody delivered them: nobody's score falls for an"
          + " invalid one or rises for a valid one, and the limits on events per second do not"
          + " hold. New ones go to peers and exporters like any other, as their TLP marking"
          + " allows; events that this very node once reported count as its own again.",
      "",
      "Importing twice changes nothing: what is stored counts as a duplicate. Exit code 1 if any"
          + " event was refused."
    },
    footer = {
      "  cyphermesh import events.jsonl",
      "  ssh peer cyphermesh events --limit 100000 --json | cyphermesh import -",
      "  cyphermesh import --json 2026-11-*.json"
    })
final class ImportCommand implements Callable<Integer> {
  private static final int SHOWN = 20;
  private static final int REASONS = 100;

  /** Of the 64 KiB that the node takes at once; an event is 16 KiB at most. */
  private static final int BATCH_CHARS = 60 * 1024;

  private static final int BATCH_EVENTS = 500;
  private static final long START_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Files of events; - for standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings of a node that does not run (cyphermesh.conf in the data directory): how long"
              + " events are kept, and how many.")
  private @Nullable String config;

  ImportCommand(Surroundings around) {
    this.around = around;
  }

  /** Where events go, a batch at a time. */
  @FunctionalInterface
  private interface Target {
    ImportedEvents take(List<JsonObject> batch) throws IOException, InterruptedException;
  }

  /** Events in files, on their way to a target. Not thread-safe. */
  private static final class Run implements EventFile.Sink {
    private final Target target;
    private final ProgressLine progress;
    private final List<JsonObject> batch = new ArrayList<>();
    private final Map<String, Long> reasons = new LinkedHashMap<>();
    private final List<Finding.Invalid> first = new ArrayList<>();
    private int chars;
    private long added;
    private long duplicates;
    private long refused;

    Run(Target target, ProgressLine progress) {
      this.target = target;
      this.progress = progress;
    }

    @Override
    public void event(JsonObject event) {
      int length = Json.ascii(event).length();
      if (chars + length > BATCH_CHARS || batch.size() == BATCH_EVENTS) {
        flush();
      }
      if (length > BATCH_CHARS) {
        invalid(
            new Finding.Invalid(
                Json.text(event, "id").orElse("-"), "it is larger than an event may be"));
        return;
      }
      batch.add(event);
      chars += length + 2;
    }

    @Override
    public void invalid(Finding.Invalid invalid) {
      refused++;
      if (first.size() < SHOWN) {
        first.add(invalid);
      }
      if (reasons.size() < REASONS || reasons.containsKey(invalid.reason())) {
        reasons.merge(invalid.reason(), 1L, Long::sum);
      }
    }

    void flush() {
      if (batch.isEmpty()) {
        return;
      }
      ImportedEvents imported;
      try {
        imported = target.take(batch);
      } catch (NodeGone e) {
        throw failed("the node has gone");
      } catch (IOException e) {
        throw failed(CommandFailure.reason(e));
      } catch (CommandFailure | IllegalStateException e) {
        throw failed(CommandFailure.reason(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failed("interrupted");
      }
      added += imported.stored();
      duplicates += imported.duplicates();
      imported.refused().forEach(each -> invalid(new Finding.Invalid(each.id(), each.reason())));
      batch.clear();
      chars = 0;
      progress.show(
          () ->
              String.format(
                  Locale.ROOT,
                  "%,d new, %,d duplicates, %,d refused, %,.0f events/s",
                  added,
                  duplicates,
                  refused,
                  (added + duplicates + refused) / progress.seconds()));
    }

    private CommandFailure failed(String why) {
      return new CommandFailure(
          String.format(
              Locale.ROOT,
              "%s; %,d events were imported by then: what is stored counts as a duplicate when you"
                  + " import again",
              why,
              added));
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireReadable();
    DataDirectory directory = around.dataDirectory(data.directory);
    long end = System.nanoTime() + START_PATIENCE_NANOS;
    do {
      Optional<NodeClient> node = NodeClient.find(directory);
      if (node.isPresent()) {
        return run(batch -> post(node.get(), batch));
      }
      // Before the lock makes anything there.
      DataOwner owner = DataOwner.of(directory.path());
      Optional<NodeLock> lock = NodeLock.tryAcquire(directory);
      if (lock.isPresent()) {
        NodeLock held = lock.get();
        try (held) {
          owner.give(directory.run());
          owner.give(directory.run().resolve("lock"));
          return offline(directory, owner);
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    } while (System.nanoTime() - end < 0);
    throw new CommandFailure(
        "the node on " + directory.path() + " is starting or stopping: try again in a moment");
  }

  private void requireReadable() {
    if (files.stream().filter("-"::equals).count() > 1) {
      throw CommandFailure.usage("standard input can be read once only: name - once");
    }
    for (String name : files) {
      if (!name.equals("-")) {
        Path path = path(name);
        if (!Files.exists(path)) {
          throw new CommandFailure(name + " does not exist");
        }
        if (Files.isDirectory(path)) {
          throw new CommandFailure(name + " is a folder: name the files in it");
        }
        if (!Files.isReadable(path)) {
          throw new CommandFailure("no permission to read " + name);
        }
      }
    }
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new CommandFailure(name + ": it cannot be a path");
    }
  }

  private int offline(DataDirectory directory, DataOwner owner)
      throws IOException, InterruptedException {
    io.cyphermesh.cli.backup.Restore.finish(directory);
    Flags flags = new Flags().with("--data", data.directory).with("--config", config);
    try (OfflineImport target =
        OfflineImport.open(
            directory.path(), around.settings().read(flags).config(), around.clock())) {
      owner.give(directory.database());
      owner.give(Path.of(directory.database() + ".lock"));
      return run(target::take);
    }
  }

  private static ImportedEvents post(NodeClient node, List<JsonObject> batch) throws NodeGone {
    JsonObject body = new JsonObject();
    JsonArray events = new JsonArray();
    batch.forEach(events::add);
    body.add("events", events);
    JsonObject answer = node.post("/api/v1/import", body);
    List<ImportedEvents.Refused> refused = new ArrayList<>();
    if (answer.get("refused") instanceof JsonArray list) {
      for (JsonElement element : list) {
        JsonObject each = element.getAsJsonObject();
        refused.add(
            new ImportedEvents.Refused(
                (int) Json.number(each, "index"),
                Json.text(each, "id").orElse("-"),
                Json.text(each, "reason").orElse("?")));
      }
    }
    return new ImportedEvents(
        (int) Json.number(answer, "new"), (int) Json.number(answer, "duplicates"), refused);
  }

  private int run(Target target) {
    ProgressLine progress = new ProgressLine(around.terminal(), System::nanoTime);
    Run run = new Run(target, progress);
    try {
      for (String name : files) {
        read(name, run);
      }
      run.flush();
    } finally {
      progress.erase();
    }
    if (json.wanted) {
      around.terminal().line(Json.ascii(json(run)));
    } else {
      print(run);
    }
    return run.refused == 0 ? 0 : CommandFailure.FAILED;
  }

  private void read(String name, Run run) {
    try (InputStream in = name.equals("-") ? around.in() : Files.newInputStream(path(name))) {
      new EventFile(run).check(in);
    } catch (IOException e) {
      // What was read before it broke is good.
      run.flush();
      throw run.failed(
          (name.equals("-") ? "standard input" : name) + ": " + CommandFailure.reason(e));
    }
  }

  private static JsonObject json(Run run) {
    JsonObject result = new JsonObject();
    result.addProperty("new", run.added);
    result.addProperty("duplicates", run.duplicates);
    result.addProperty("refused", run.refused);
    JsonObject reasons = new JsonObject();
    run.reasons.forEach(reasons::addProperty);
    result.add("reasons", reasons);
    JsonArray examples = new JsonArray();
    for (Finding.Invalid invalid : run.first) {
      JsonObject each = new JsonObject();
      each.addProperty("id", invalid.id());
      each.addProperty("reason", invalid.reason());
      examples.add(each);
    }
    result.add("examples", examples);
    return result;
  }

  private void print(Run run) {
    Terminal terminal = around.terminal();
    for (Finding.Invalid invalid : run.first) {
      terminal.line(
          "refused  " + Printable.of(invalid.id()) + "  " + Printable.of(invalid.reason()));
    }
    if (run.refused > run.first.size()) {
      terminal.line(String.format(Locale.ROOT, "and %,d more", run.refused - run.first.size()));
    }
    terminal.line(
        String.format(
            Locale.ROOT,
            "%,d new, %,d duplicates, %,d refused",
            run.added,
            run.duplicates,
            run.refused));
  }
}
