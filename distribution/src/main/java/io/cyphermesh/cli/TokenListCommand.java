package io.cyphermesh.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code cyphermesh token list}. */
@Command(
    name = "list",
    description = "List all tokens, without their secrets.",
    footer = {"  cyphermesh token list --json"})
final class TokenListCommand implements Callable<Integer> {
  private final TokenCommand tokens;

  TokenListCommand(TokenCommand tokens) {
    this.tokens = tokens;
  }

  @Override
  public Integer call() throws IOException {
    return tokens.call();
  }
}
