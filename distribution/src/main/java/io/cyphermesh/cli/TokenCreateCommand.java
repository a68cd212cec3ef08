package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.dashboard.access.Role;
import io.cyphermesh.dashboard.access.TokenFile;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cyphermesh token create}. */
@Command(
    name = "create",
    description = {
      "Make a token and print it, this once: the node keeps its hash only.",
      "",
      "Roles: read sees events, peers, plugins and metrics; report may also report events; admin may do everything."
    },
    footer = {
      "  cyphermesh token create --name siem --role read",
      "  cyphermesh token create --name sensor-7 --role report --expires 90d"
    })
final class TokenCreateCommand implements Callable<Integer> {
  private static final Pattern SPAN = Pattern.compile("([1-9][0-9]{0,4})([hd])");

  private final TokenCommand tokens;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description =
          "What it is for; the audit log calls its holder so. Letters, digits, dots, dashes and"
              + " underscores.")
  private String name = "";

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "What its holder may do: read, report or admin.")
  private String role = "";

  @Option(
      names = "--expires",
      paramLabel = "WHEN",
      description =
          "From when on it counts no more: in 12h or 90d, or a date such as 2027-01-31 (UTC)."
              + " Without it: when it is revoked.")
  private @Nullable String expires;

  TokenCreateCommand(TokenCommand tokens) {
    this.tokens = tokens;
  }

  @Override
  public Integer call() throws IOException {
    Role wanted =
        Role.of(role)
            .orElseThrow(() -> CommandFailure.usage("--role: write read, report or admin"));
    Optional<Instant> until = Optional.ofNullable(expires).map(this::time);
    JsonObject made =
        tokens.either(
            node -> {
              JsonObject body = new JsonObject();
              body.addProperty("name", name);
              body.addProperty("role", wanted.term());
              until.ifPresent(at -> body.addProperty("expires", at.toString()));
              return node.post("/api/v1/tokens", body);
            },
            (file, audit) -> {
              TokenFile.Made token;
              try {
                token =
                    file.create(
                        name, wanted, until, tokens.around().clock().instant(), new SecureRandom());
              } catch (IllegalArgumentException | IllegalStateException e) {
                throw new CommandFailure(String.valueOf(e.getMessage()));
              }
              TokenCommand.note(audit, "cyphermesh token create", token.token());
              JsonObject shown = TokenCommand.shown(token.token());
              shown.addProperty("secret", token.secret());
              return shown;
            });
    Terminal terminal = tokens.around().terminal();
    if (tokens.json()) {
      terminal.line(Json.ascii(made));
    } else {
      // Alone on standard output, so that a script can take it from there.
      terminal.line(Json.text(made, "secret").orElse(""));
      terminal.note("that is the token '" + name + "': keep it, it is not shown again");
    }
    return 0;
  }

  private Instant time(String text) {
    Matcher span = SPAN.matcher(text);
    if (span.matches()) {
      long count = Long.parseLong(span.group(1));
      return tokens
          .around()
          .clock()
          .instant()
          .plus(span.group(2).equals("d") ? Duration.ofDays(count) : Duration.ofHours(count));
    }
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : Instant.parse(text);
    } catch (DateTimeException e) {
      throw CommandFailure.usage(
          "--expires: write 12h, 90d, 2027-01-31 or 2027-01-31T12:00:00Z, not '" + text + "'");
    }
  }
}
