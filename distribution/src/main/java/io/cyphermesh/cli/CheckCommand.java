package io.cyphermesh.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.ProgressLine;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.node.NodeDatabase;
import io.cyphermesh.core.store.DatabaseCare;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cyphermesh check}. */
@Command(
    name = "check",
    description = {
      "Check the database and the signatures of all events.",
      "",
      "That is: its pages, what its tables promise each other, and the id and signature of every"
          + " event, on all cores. Changes nothing, and works beside a running node.",
      "",
      "Exit code 1 if anything is wrong. What to do then: stop the node and restore a backup"
          + " ('cyphermesh restore'), or delete the database ('cyphermesh reset --db'); the node"
          + " keeps its keys and gets events anew from its peers."
    },
    footer = {"  cyphermesh check", "  cyphermesh check --json | jq .problems"})
final class CheckCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  CheckCommand(Surroundings around) {
    this.around = around;
  }

  /** Counts all problems, and keeps the first ones. */
  private static final class Found implements DatabaseCare.Watcher {
    private final ProgressLine progress;
    private final List<DatabaseCare.Problem> first = new ArrayList<>();
    private long count;

    Found(ProgressLine progress) {
      this.progress = progress;
    }

    @Override
    public void reading() {
      progress.show(() -> String.format(Locale.ROOT, "checking pages, %.0f s", progress.seconds()));
    }

    @Override
    public void checked(long events, long total) {
      progress.show(
          () ->
              String.format(
                  Locale.ROOT,
                  "%,d of %,d events, %d%%, %,d problems",
                  events,
                  total,
                  100 * events / Math.max(1, total),
                  count));
    }

    @Override
    public void problem(DatabaseCare.Problem problem) {
      count++;
      if (first.size() < SHOWN) {
        first.add(
            new DatabaseCare.Problem(withoutHint(problem.what()), problem.key(), problem.seq()));
      }
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory directory = around.dataDirectory(data.directory);
    Restore.requireNone(directory);
    if (!Files.exists(directory.database())) {
      throw new CommandFailure("there is no database in " + directory.path());
    }
    ProgressLine progress = new ProgressLine(around.terminal(), System::nanoTime);
    Found found = new Found(progress);
    DatabaseCare.Summary summary;
    try {
      summary = NodeDatabase.at(directory.database()).check(found);
    } catch (IOException e) {
      throw new CommandFailure(withoutHint(CommandFailure.reason(e)));
    } finally {
      progress.erase();
    }
    if (json.wanted) {
      around.terminal().line(Json.ascii(json(directory, found, summary, progress.seconds())));
    } else {
      print(found, summary, progress.seconds());
    }
    return found.count == 0 ? 0 : CommandFailure.FAILED;
  }

  /** Who checks already need not be told to. */
  private static String withoutHint(String text) {
    return text.replace("'cyphermesh check' tells what is wrong with it, ", "");
  }

  private static JsonObject json(
      DataDirectory directory, Found found, DatabaseCare.Summary summary, double seconds) {
    JsonObject result = new JsonObject();
    result.addProperty("ok", found.count == 0);
    result.addProperty("database", directory.database().toString());
    result.addProperty("schema", summary.schema());
    result.addProperty("events", summary.checked());
    result.addProperty("bare", summary.bare());
    result.addProperty("problemCount", found.count);
    JsonArray problems = new JsonArray();
    for (DatabaseCare.Problem problem : found.first) {
      JsonObject each = new JsonObject();
      each.addProperty("problem", problem.what());
      problem.key().ifPresent(key -> each.addProperty("key", key));
      problem.seq().ifPresent(seq -> each.addProperty("seq", seq));
      problems.add(each);
    }
    result.add("problems", problems);
    result.addProperty("seconds", Math.round(seconds * 1000) / 1000.0);
    return result;
  }

  private void print(Found found, DatabaseCare.Summary summary, double seconds) {
    Terminal terminal = around.terminal();
    for (DatabaseCare.Problem problem : found.first) {
      terminal.line(
          terminal.paint(Style.RED, "wrong")
              + "  "
              + problem.key().map(key -> "event " + key + ": ").orElse("")
              + Printable.of(problem.what()));
    }
    if (found.count > found.first.size()) {
      terminal.line(String.format(Locale.ROOT, "and %,d more", found.count - found.first.size()));
    }
    String events =
        String.format(
            Locale.ROOT,
            "%,d events checked, %,d of them bare, schema %d, %.1f s",
            summary.checked(),
            summary.bare(),
            summary.schema(),
            seconds);
    terminal.line(
        found.count == 0
            ? terminal.paint(Style.GREEN, "sound") + "  " + events
            : terminal.paint(
                Style.BOLD, String.format(Locale.ROOT, "%,d problems; %s", found.count, events)));
  }
}
