package io.cyphermesh.cli;

import io.cyphermesh.cli.client.NodeClient;
import io.cyphermesh.cli.client.NodeGone;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.terminal.CommandFailure;

/** For commands that can do nothing without a running node. */
final class RunningNode {
  private RunningNode() {}

  /** What a command asks of the node. */
  @FunctionalInterface
  interface Question<T> {
    T ask(NodeClient node) throws NodeGone;
  }

  /**
   * Asks the running node.
   *
   * @throws CommandFailure if none runs
   */
  static <T> T ask(DataDirectory data, Question<T> question) {
    NodeClient node = NodeClient.find(data).orElseThrow(() -> absent(data));
    try {
      return question.ask(node);
    } catch (NodeGone e) {
      throw absent(data);
    }
  }

  static CommandFailure absent(DataDirectory data) {
    return new CommandFailure(
        "no node runs on "
            + data.path()
            + ": start one with 'cyphermesh run', or name another"
            + " folder with --data");
  }
}
