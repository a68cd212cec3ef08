package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.data.PendingPeers;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.dashboard.NodeUri;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh add-peer}. */
@Command(
    name = "add-peer",
    description =
        "Connect to a peer, now and after each start. Without a running node it is remembered for"
            + " the next start.",
    footer = {
      "  cyphermesh add-peer 192.0.2.1:9001",
      "  cyphermesh add-peer [2001:db8::1]:9001 --json"
    })
final class AddPeerCommand implements Callable<Integer> {
  private static final long START_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  @Parameters(
      paramLabel = "HOST:PORT",
      description =
          "Where the peer listens, for instance 192.0.2.1:9001 or [2001:db8::1]:9001; or what its QR"
              + " code says.")
  private String address = "";

  AddPeerCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    HostPort peer;
    try {
      peer = NodeUri.address(address);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
    DataDirectory directory = around.dataDirectory(data.directory);
    long end = System.nanoTime() + START_PATIENCE_NANOS;
    do {
      Optional<NodeClient> node = NodeClient.find(directory);
      if (node.isPresent()) {
        try {
          JsonObject body = new JsonObject();
          body.addProperty("address", peer.toString());
          boolean added = Json.is(node.get().post("/api/v1/peers", body), "new");
          print(peer, true, added, "The node dials " + peer + " and remembers it.");
          return 0;
        } catch (NodeGone e) {
          // It stops or starts at this moment.
        }
      }
      Optional<NodeLock> lock = NodeLock.tryAcquire(directory);
      if (lock.isPresent()) {
        NodeLock held = lock.get();
        try (held) {
          Restore.finish(directory);
          remember(directory, peer);
        }
        return 0;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    } while (System.nanoTime() - end < 0);
    throw new CommandFailure(
        "the node on " + directory.path() + " is starting or stopping: try again in a moment");
  }

  private void remember(DataDirectory directory, HostPort peer) throws IOException {
    boolean added = new PendingPeers(directory).add(peer);
    print(
        peer,
        false,
        added,
        "No node runs on "
            + directory.path()
            + ": "
            + peer
            + (added ? " is remembered" : " was remembered already")
            + " for the next start.");
  }

  private void print(HostPort peer, boolean running, boolean added, String text) {
    if (!json.wanted) {
      around.terminal().line(text);
      return;
    }
    JsonObject result = new JsonObject();
    result.addProperty("address", peer.toString());
    result.addProperty("running", running);
    result.addProperty("new", added);
    around.terminal().line(Json.ascii(result));
  }
}
