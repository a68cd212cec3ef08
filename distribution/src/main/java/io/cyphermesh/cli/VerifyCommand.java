package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Printable;
import io.cyphermesh.cli.terminal.Style;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.verify.EventFile;
import io.cyphermesh.cli.verify.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cyphermesh verify}. */
@Command(
    name = "verify",
    description = {
      "Check ids and signatures of events in a JSON file, offline.",
      "",
      "It is an array, an object, an object a line, or a page of the REST interface. One line each;"
          + " exit code 1 if any is invalid.",
      "",
      "valid: the id is the hash of the content, and the reporter signed it. bare: the reporter"
          + " signed it; its id cannot be checked, since its details were lost on the way through a"
          + " version 1 node. invalid: anything else."
    },
    footer = {
      "  cyphermesh verify events.json",
      "  cyphermesh events --json | cyphermesh verify -"
    })
final class VerifyCommand implements Callable<Integer> {
  private final Surroundings around;

  @Parameters(paramLabel = "FILE", description = "The file, or - for standard input.")
  private String file = "";

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  private boolean anyInvalid;

  VerifyCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() {
    try (InputStream in = file.equals("-") ? around.in() : Files.newInputStream(Path.of(file))) {
      new EventFile(around.checker(), this::print).check(in);
    } catch (IOException e) {
      throw new CommandFailure(
          (file.equals("-") ? "standard input" : file) + ": " + CommandFailure.reason(e));
    }
    return anyInvalid ? CommandFailure.FAILED : 0;
  }

  private void print(Finding finding) {
    Terminal terminal = around.terminal();
    switch (finding) {
      case Finding.Valid valid -> print("valid", Style.GREEN, valid.id(), "");
      case Finding.Bare bare ->
          print("bare", Style.YELLOW, bare.id(), "signed, but its id cannot be checked");
      case Finding.Invalid invalid -> {
        anyInvalid = true;
        print("invalid", Style.RED, invalid.id(), invalid.reason());
      }
    }
    if (terminal.gone()) {
      throw CommandFailure.unheard();
    }
  }

  private void print(String verdict, Style style, String id, String reason) {
    Terminal terminal = around.terminal();
    if (json) {
      JsonObject line = new JsonObject();
      line.addProperty("verdict", verdict);
      line.addProperty("id", id);
      if (!reason.isEmpty()) {
        line.addProperty("reason", reason);
      }
      terminal.line(Json.ascii(line));
    } else {
      terminal.line(
          (terminal.paint(style, verdict)
                  + " ".repeat(9 - verdict.length())
                  + Printable.of(id)
                  + "  "
                  + Printable.of(reason))
              .stripTrailing());
    }
  }
}
