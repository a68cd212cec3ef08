package io.cyphermesh.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code cyphermesh plugins list}. */
@Command(
    name = "list",
    description = "Show the plugins of the running node.",
    footer = {"  cyphermesh plugins list", "  cyphermesh plugins list --json | jq -r .id"})
final class PluginListCommand implements Callable<Integer> {
  private final PluginsCommand plugins;

  PluginListCommand(PluginsCommand plugins) {
    this.plugins = plugins;
  }

  @Override
  public Integer call() {
    return plugins.call();
  }
}
