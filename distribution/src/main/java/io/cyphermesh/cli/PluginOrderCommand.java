package io.cyphermesh.cli;

import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh plugins enable}, {@code disable} and {@code reload}. */
@Command
final class PluginOrderCommand implements Callable<Integer> {
  private final PluginsCommand plugins;
  private final PluginOrder order;

  @Parameters(paramLabel = "ID", description = "The plugin, as 'cyphermesh plugins' lists it.")
  private String id = "";

  private PluginOrderCommand(PluginsCommand plugins, PluginOrder order) {
    this.plugins = plugins;
    this.order = order;
  }

  static CommandSpec of(PluginsCommand plugins, PluginOrder order) {
    CommandSpec command =
        new CommandLine(new PluginOrderCommand(plugins, order)).getCommandSpec().name(order.verb);
    command
        .usageMessage()
        .description(order.description, "", order.note)
        .footer("  cyphermesh plugins " + order.verb + " log-watcher");
    return command;
  }

  @Override
  public Integer call() {
    DataDirectory data = plugins.data();
    ShownPlugin then;
    try {
      NodeClient node = NodeClient.find(data).orElseThrow(() -> absent(data));
      ShownPlugin.named(node, id);
      then = new ShownPlugin(node.order(ShownPlugin.path(id) + "/" + order.verb));
    } catch (NodeGone e) {
      throw absent(data);
    }
    if (plugins.json()) {
      plugins.around().terminal().line(Json.ascii(then.json()));
    }
    if (then.state().equals("WEDGED")) {
      throw new CommandFailure(
          id
              + " did not stop within 10 s; it can do nothing any more, but only a restart of the"
              + " node ends its thread");
    }
    if (order != PluginOrder.DISABLE && then.state().equals("FAILED")) {
      throw new CommandFailure(
          id + " is " + order.done + ", but failed: " + then.text("lastError"));
    }
    if (!plugins.json()) {
      plugins
          .around()
          .terminal()
          .line(
              Printable.of(
                  id
                      + " is "
                      + order.done
                      + (order == PluginOrder.DISABLE ? "." : ": " + then.state() + ".")));
    }
    return 0;
  }

  /** What an order said before counts more than the settings, so these are no way to disable. */
  private CommandFailure absent(DataDirectory data) {
    return order == PluginOrder.DISABLE
        ? new CommandFailure(
            "no node runs on %s: start it first, with 'cyphermesh run'; from its start 'plugins.%s.enabled = false' in %s keeps the plugin only if no order ever enabled it"
                .formatted(data.path(), id, data.config()))
        : RunningNode.absent(data);
  }
}
