package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import com.google.gson.stream.MalformedJsonException;
import io.cyphermesh.cli.client.LiveFeed;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.offline.OfflineStore;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Table;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.dashboard.EventJson;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cyphermesh events}. */
@Command(
    name = "events",
    description =
        "Show the newest events, the newest last. Without a running node they are read from the"
            + " database.",
    footer = {
      "  cyphermesh events --limit 50",
      "  cyphermesh events --address 192.0.2.0/24 --severity high,critical --since 24h",
      "  cyphermesh events --text root --limit 100",
      "  cyphermesh events --follow",
      "  cyphermesh events --limit 100000 --json > events.jsonl"
    })
final class EventsCommand implements Callable<Integer> {
  private static final int MOST = 100_000;

  /** After a gap longer than this the reader is told, and the live feed goes on. */
  private static final int MOST_MISSED = 10_000;

  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private FilterOptions only = new FilterOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many, 0 to 100000 (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--follow", description = "Go on with each event that arrives, until Ctrl-C.")
  private boolean follow;

  EventsCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (limit < 0 || limit > MOST) {
      throw CommandFailure.usage("--limit: give a number from 0 to " + MOST);
    }
    EventFilter filter = only.filter(around.clock().instant());
    boolean all = filter.equals(EventFilter.ALL);
    DataDirectory directory = around.dataDirectory(data.directory);
    if (follow) {
      if (!all) {
        throw CommandFailure.usage("--follow shows every event: leave the conditions out");
      }
      follow(directory);
      return 0;
    }
    List<JsonObject> events = read(directory, filter).reversed();
    if (json) {
      events.forEach(this::print);
    } else if (events.isEmpty()) {
      around.terminal().line(all ? "No events yet." : "No such events.");
    } else {
      Table table = EventLine.table();
      events.forEach(event -> table.add(EventLine.cells(event)));
      table.print(around.terminal());
    }
    return 0;
  }

  private List<JsonObject> read(DataDirectory directory, EventFilter filter) throws IOException {
    Optional<NodeClient> node = NodeClient.find(directory);
    if (node.isPresent()) {
      try {
        return node.get().events(limit, 0, FilterOptions.query(filter));
      } catch (NodeGone e) {
        // The database still has them.
      }
    }
    try (OfflineStore store = around.stores().open(directory)) {
      return store.newest(filter, limit).stream().map(EventsCommand::json).toList();
    }
  }

  /** As REST gives it. */
  private static JsonObject json(EventView event) {
    try {
      return Json.object(EventJson.text(event));
    } catch (MalformedJsonException e) {
      throw new IllegalStateException("event " + event.key() + " is damaged", e);
    }
  }

  private void follow(DataDirectory directory) throws InterruptedException {
    Terminal terminal = around.terminal();
    NodeClient node = NodeClient.find(directory).orElseThrow(() -> RunningNode.absent(directory));
    long last;
    try {
      List<JsonObject> first = node.events(Math.max(1, limit), 0);
      last = first.isEmpty() ? 0 : Json.number(first.getFirst(), "seq");
      first.stream().limit(limit).toList().reversed().forEach(this::print);
    } catch (NodeGone e) {
      throw RunningNode.absent(directory);
    }
    boolean lost = false;
    while (!terminal.gone()) {
      Optional<NodeClient> current = NodeClient.find(directory);
      if (current.isPresent()) {
        try (LiveFeed feed = current.get().live()) {
          if (lost) {
            terminal.note("the node is back");
            lost = false;
          }
          // The feed is open: what was stored before it opened is read now, and nothing is missed.
          last = catchUp(current.get(), last);
          while (true) {
            LiveFeed.Message message = feed.next();
            switch (message.name()) {
              case "event" -> {
                long seq = Json.number(message.body(), "seq");
                if (seq > last) {
                  last = seq;
                  print(message.body());
                }
              }
              case "missed" -> last = catchUp(current.get(), last);
              default -> {}
            }
          }
        } catch (IOException e) {
          // Told below, once.
        }
      }
      if (!lost) {
        terminal.note("the node has gone; waiting for it to come back (Ctrl-C ends this)");
        lost = true;
      }
      Thread.sleep(RETRY);
    }
  }

  private long catchUp(NodeClient node, long last) throws NodeGone {
    List<JsonObject> missed = node.events(MOST_MISSED, last);
    if (missed.size() == MOST_MISSED) {
      around
          .terminal()
          .note("more than " + MOST_MISSED + " events were missed: older ones left out");
    }
    missed.reversed().forEach(this::print);
    return missed.isEmpty() ? last : Json.number(missed.getFirst(), "seq");
  }

  private void print(JsonObject event) {
    Terminal terminal = around.terminal();
    terminal.line(json ? Json.ascii(event) : EventLine.line(terminal, event));
    if (terminal.gone()) {
      throw CommandFailure.unheard();
    }
  }
}
