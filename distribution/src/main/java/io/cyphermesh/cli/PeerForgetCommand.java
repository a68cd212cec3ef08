package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.dashboard.NodeUri;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh peers forget}. */
@Command(
    name = "forget",
    description = {
      "Take a peer's address back.",
      "",
      "It is neither dialled nor remembered any more, unless somebody names it again: another peer,"
          + " the LAN, or the node's settings. While a link is up there it stays."
    },
    footer = {
      "  cyphermesh peers forget 192.0.2.1:9001",
      "  cyphermesh peers forget [2001:db8::1]:9001"
    })
final class PeerForgetCommand implements Callable<Integer> {
  private final PeersCommand peers;

  @Parameters(paramLabel = "HOST:PORT", description = "As 'cyphermesh peers' shows it.")
  private String address = "";

  PeerForgetCommand(PeersCommand peers) {
    this.peers = peers;
  }

  @Override
  public Integer call() {
    HostPort peer;
    try {
      peer = NodeUri.address(address);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
    JsonObject body = new JsonObject();
    body.addProperty("address", peer.toString());
    JsonObject then =
        RunningNode.ask(peers.data(), node -> node.post("/api/v1/peers/forget", body));
    peers.around().terminal().line(peers.json() ? Json.ascii(then) : peer + " is forgotten.");
    return 0;
  }
}
