package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cyphermesh health}: whether a node runs and answers, for supervisors. */
@Command(
    name = "health",
    hidden = true,
    description = "Exit code 0 if the node runs and answers, 1 otherwise.",
    footer = "  cyphermesh health")
final class HealthCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private DataOption data = new DataOption();

  @Mixin private JsonOption json = new JsonOption();

  HealthCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() {
    JsonObject status =
        RunningNode.ask(around.dataDirectory(data.directory), node -> node.get("/api/v1/status"));
    if (json.wanted) {
      JsonObject result = new JsonObject();
      result.addProperty("running", true);
      result.add("peersConnected", status.get("peersConnected"));
      around.terminal().line(Json.ascii(result));
    } else {
      around.terminal().line("running, " + status.get("peersConnected") + " peers connected");
    }
    return 0;
  }
}
