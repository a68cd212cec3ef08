package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.dashboard.access.Token;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh token revoke}. */
@Command(
    name = "revoke",
    description =
        "Take a token's power away for good, at once; who is logged in by it is logged out.",
    footer = {"  cyphermesh token revoke siem"})
final class TokenRevokeCommand implements Callable<Integer> {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final TokenCommand tokens;

  @Parameters(
      paramLabel = "NAME",
      description = "The token's name or id, as 'cyphermesh token list' shows it.")
  private String name = "";

  TokenRevokeCommand(TokenCommand tokens) {
    this.tokens = tokens;
  }

  @Override
  public Integer call() throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw CommandFailure.usage("no token is called like that: 'cyphermesh token list' shows all");
    }
    JsonObject revoked =
        tokens.either(
            node -> node.order("/api/v1/tokens/" + name + "/revoke"),
            (file, audit) -> {
              Token token =
                  file.revoke(name)
                      .orElseThrow(
                          () ->
                              new CommandFailure(
                                  "there is no token '"
                                      + name
                                      + "': 'cyphermesh token list' shows all"));
              TokenCommand.note(audit, "cyphermesh token revoke", token);
              return TokenCommand.shown(token);
            });
    tokens
        .around()
        .terminal()
        .line(
            tokens.json()
                ? Json.ascii(revoked)
                : Printable.of(Json.text(revoked, "name").orElse(name) + " is revoked."));
    return 0;
  }
}
