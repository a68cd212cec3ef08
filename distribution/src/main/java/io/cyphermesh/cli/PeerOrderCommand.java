package io.cyphermesh.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh peers ban} and {@code lift}. */
@Command
final class PeerOrderCommand implements Callable<Integer> {
  private static final Pattern WHOLE = Pattern.compile("[0-9a-f]{64}|[0-9]+(\\.[0-9]+){3}");
  private static final Pattern BEGIN = Pattern.compile("[0-9a-f]{8,63}");

  /** What is told of a peer. */
  enum Order {
    BAN(
        "ban",
        "Ignore a peer from now on.",
        "Its link ends, it is not dialled, and what it reports or delivers is left aside, also after"
            + " a restart and whatever its reputation is. It need not be known yet."),
    LIFT(
        "lift",
        "Lift a peer's ban.",
        "Whether you set it or its reputation did. A reputation below zero begins at zero again.");

    private final String verb;
    private final String description;
    private final String note;

    Order(String verb, String description, String note) {
      this.verb = verb;
      this.description = description;
      this.note = note;
    }
  }

  private final PeersCommand peers;
  private final Order order;

  @Parameters(
      paramLabel = "PEER",
      description =
          "Its node id, or the first 8 digits of it or more; of version 1 nodes their IPv4 address.")
  private String peer = "";

  private PeerOrderCommand(PeersCommand peers, Order order) {
    this.peers = peers;
    this.order = order;
  }

  static CommandSpec of(PeersCommand peers, Order order) {
    CommandSpec command =
        new CommandLine(new PeerOrderCommand(peers, order)).getCommandSpec().name(order.verb);
    command
        .usageMessage()
        .description(order.description, "", order.note)
        .footer(
            "  cyphermesh peers " + order.verb + " 3f9a6c0e",
            "  cyphermesh peers " + order.verb + " 203.0.113.61");
    return command;
  }

  @Override
  public Integer call() {
    if (!WHOLE.matcher(peer).matches() && !BEGIN.matcher(peer).matches()) {
      throw CommandFailure.usage(
          "a peer is named by its node id, 8 digits of it at least, or by an IPv4 address: 'cyphermesh"
              + " peers' shows all");
    }
    JsonObject then =
        RunningNode.ask(
            peers.data(), node -> node.order("/api/v1/peers/" + whole(node) + "/" + order.verb));
    peers.around().terminal().line(peers.json() ? Json.ascii(then) : Printable.of(told(then)));
    return 0;
  }

  private String whole(NodeClient node) throws NodeGone {
    if (WHOLE.matcher(peer).matches()) {
      return peer;
    }
    List<String> found =
        node.get("/api/v1/peers").getAsJsonArray("peers").asList().stream()
            .map(JsonElement::getAsJsonObject)
            .flatMap(each -> Json.text(each, "nodeId").stream())
            .filter(id -> id.startsWith(peer))
            .distinct()
            .toList();
    if (found.size() != 1) {
      throw new CommandFailure(
          found.isEmpty()
              ? "no peer's id begins with " + peer + ": 'cyphermesh peers' shows all"
              : found.size() + " peers' ids begin with " + peer + ": give more digits");
    }
    return found.getFirst();
  }

  private String told(JsonObject then) {
    String id = Json.text(then, "peer").orElse(peer);
    String name = id.indexOf('.') < 0 ? EventLine.shortened(id) : id;
    boolean changed = Json.is(then, "changed");
    return switch (order) {
      case BAN -> name + (changed ? " is banned." : " was banned already.");
      case LIFT ->
          name
              + (changed ? "'s ban is lifted" : " was not banned")
              + "; its reputation is "
              + Json.number(then, "reputation")
              + ".";
    };
  }
}
