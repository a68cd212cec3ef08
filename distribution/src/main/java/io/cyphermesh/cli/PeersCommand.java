package io.cyphermesh.cli;

import com.google.gson.JsonElement;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cyphermesh peers}, which lists them, and what else can be done about peers. */
@Command(
    name = "peers",
    description = {
      "Show the peers of the running node, ban one, lift a ban, or forget an address.",
      "",
      "Without a command: show them."
    },
    footer = {
      "  cyphermesh peers",
      "  cyphermesh peers --json | jq -r .nodeId",
      "  cyphermesh peers ban 203.0.113.61"
    },
    synopsisSubcommandLabel = "[COMMAND]")
final class PeersCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private GroupOptions options = new GroupOptions();

  private PeersCommand(Surroundings around) {
    this.around = around;
  }

  static CommandLine withSubcommands(Surroundings around) {
    PeersCommand peers = new PeersCommand(around);
    return new CommandLine(peers)
        .addSubcommand(PeerOrderCommand.of(peers, PeerOrderCommand.Order.BAN))
        .addSubcommand(PeerOrderCommand.of(peers, PeerOrderCommand.Order.LIFT))
        .addSubcommand(new PeerForgetCommand(peers));
  }

  Surroundings around() {
    return around;
  }

  DataDirectory data() {
    return around.dataDirectory(options.directory);
  }

  boolean json() {
    return options.json;
  }

  @Override
  public Integer call() {
    List<JsonElement> peers =
        RunningNode.ask(data(), node -> node.get("/api/v1/peers")).getAsJsonArray("peers").asList();
    if (options.json) {
      peers.forEach(peer -> around.terminal().line(Json.ascii(peer)));
      return 0;
    }
    if (peers.isEmpty()) {
      around.terminal().line("No peers yet: connect to one with 'cyphermesh add-peer HOST:PORT'.");
      return 0;
    }
    PeerTable.of(peers, around.terminal().columns()).print(around.terminal());
    return 0;
  }
}
