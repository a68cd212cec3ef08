package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.control.NodeControl;
import io.cyphermesh.core.control.PeerBan;
import io.cyphermesh.core.control.UnknownPeerException;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.NodeView;
import io.cyphermesh.core.view.ScoreHistory;
import io.cyphermesh.dashboard.Endpoint.Answer;
import io.cyphermesh.dashboard.Endpoint.Parameter;
import io.cyphermesh.dashboard.Gate.Access;
import io.jooby.Context;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The node itself: what it is, how it is set up, what it logs; and whom it bans. */
final class NodeApi {
  private static final int DEFAULT_LINES = 200;
  private static final int MOST_LINES = 500;
  private static final Parameter PEER =
      new Parameter(
          "id",
          "path",
          "{\"type\":\"string\"}",
          "The peer's id: its node id, or the IPv4 address of version 1 nodes");

  private static final String NEVER_MET = "This node has met no such peer, or forgot it";

  private final NodeView view;
  private final NodeControl control;
  private final ProcessView process;
  private final Optional<String> certificate;

  /**
   * @param certificate SHA-256 of the dashboard's certificate; empty over plain HTTP
   */
  NodeApi(NodeView view, NodeControl control, ProcessView process, Optional<String> certificate) {
    this.view = view;
    this.control = control;
    this.process = process;
    this.certificate = certificate;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/api/v1/node",
            Access.READ,
            "What the node is and where it lives",
            Answer.json("Its identity, addresses, version and disk", "Node"),
            _ -> node()),
        Endpoint.get(
                "/api/v1/node/qr.svg",
                Access.READ,
                "What a peer needs to add this node, as a QR code: cyphermesh://NODE_ID@HOST:PORT",
                Answer.text("The picture", "image/svg+xml"),
                this::qr)
            .with(
                new Parameter(
                    "address",
                    "query",
                    "{\"type\":\"string\",\"maxLength\":200}",
                    "Where others reach the node, HOST:PORT, if not at the first of its"
                        + " addresses"))
            .refuses(409, "The node listens nowhere")
            .tagged(),
        Endpoint.get(
            "/api/v1/node/config",
            Access.ADMIN,
            "The settings in force, and who said each; secrets are left out",
            Answer.json("All, by path", "Config"),
            _ -> config()),
        Endpoint.get(
                "/api/v1/node/log",
                Access.ADMIN,
                "The end of the log; secrets are left out",
                Answer.json("Lines, oldest first", "Log"),
                this::log)
            .with(
                new Parameter(
                    "lines",
                    "query",
                    "{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":200}",
                    "How many at most")),
        Endpoint.get(
                "/api/v1/peers/{id}/history",
                Access.READ,
                "How a peer's reputation went in the last 7 days",
                Answer.json("Scores, oldest first", "PeerHistory"),
                this::history)
            .with(PEER)
            .refuses(404, NEVER_MET),
        order(
            "ban",
            "Ignore a peer from now on, also after a restart, whatever its reputation is; it need"
                + " not be known yet",
            control::ban),
        order(
                "lift",
                "Lift a peer's ban or block, by whomever it was set; a reputation below zero begins at"
                    + " zero again",
                control::lift)
            .refuses(404, NEVER_MET));
  }

  /** What an operator tells the node of a peer. */
  @FunctionalInterface
  private interface PeerOrder {
    PeerBan give(String id) throws InterruptedException;
  }

  private Endpoint order(String verb, String summary, PeerOrder order) {
    return new Endpoint(
        "POST",
        "/api/v1/peers/{id}/" + verb,
        Access.ADMIN,
        summary,
        List.of(PEER),
        Optional.empty(),
        Map.of(200, Answer.json("How the peer stands then", "PeerBan")),
        request -> give(order, Api.id(request)));
  }

  private Reply give(PeerOrder order, String id) throws InterruptedException {
    PeerBan ban;
    try {
      ban = order.give(id);
    } catch (UnknownPeerException e) {
      throw new Problem(404, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return Reply.Whole.json(200, Json.text(json -> NodeJson.ban(json, ban)));
  }

  private Reply node() {
    NodeStatus status = view.status();
    NodeJson.Node node =
        new NodeJson.Node(status, view.facts(), Addresses.of(status.listening()), certificate);
    return Reply.Whole.json(200, Json.text(json -> NodeJson.node(json, node)));
  }

  private Reply qr(Context request) {
    NodeStatus status = view.status();
    Optional<String> named = FilterQuery.one(request, "address");
    HostPort address =
        named.isPresent()
            ? address(named.get())
            : Addresses.of(status.listening()).stream()
                .findFirst()
                .orElseThrow(
                    () -> new Problem(409, "the node listens nowhere: name an address of it"));
    return new Reply.Whole(
        200,
        "image/svg+xml;charset=utf-8",
        Qr.svg(
            new NodeUri(new NodeId(status.nodeId()), address).toString(),
            "QR code of this node's address"),
        Map.of());
  }

  private static HostPort address(String text) {
    try {
      return HostPort.parse(text);
    } catch (IllegalArgumentException e) {
      throw Problem.ofField("address", String.valueOf(e.getMessage()));
    }
  }

  private Reply config() {
    List<ProcessView.Setting> settings = process.settings();
    return Reply.Whole.json(200, Json.text(json -> NodeJson.config(json, settings)));
  }

  private Reply log(Context request) throws IOException {
    int lines = Api.number(request, "lines", 1, MOST_LINES).orElse((long) DEFAULT_LINES).intValue();
    ProcessView.Log log = process.log(lines);
    return Reply.Whole.json(200, Json.text(json -> NodeJson.log(json, log)));
  }

  private Reply history(Context request) {
    String id = Api.id(request);
    ScoreHistory history;
    try {
      history =
          view.scores(id)
              .orElseThrow(() -> new Problem(404, "this node has met no such peer, or forgot it"));
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return Reply.Whole.json(200, Json.text(json -> NodeJson.history(json, id, history)));
  }
}
