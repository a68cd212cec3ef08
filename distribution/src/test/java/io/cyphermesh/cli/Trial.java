package io.cyphermesh.cli;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.cli.offline.SqliteOffline;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.verify.CoreChecker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Runs commands as the program does, in this process, and keeps what they print. */
final class Trial {
  private final Path data;
  private String input = "";
  private boolean typing;
  private boolean unheard;
  private boolean watching;
  private Optional<Path> installation = Optional.empty();

  Trial(Path data) {
    this.data = data;
  }

  /** What a command left behind. */
  record Outcome(int code, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }

    JsonObject json() {
      try {
        return Json.object(out);
      } catch (IOException e) {
        throw new IllegalStateException(out, e);
      }
    }
  }

  /** Somebody sits there and types this. */
  Trial typing(String text) {
    input = text;
    typing = true;
    return this;
  }

  /** This comes in from a pipe. */
  Trial piping(String text) {
    input = text;
    return this;
  }

  /** Somebody looks at standard error. */
  Trial watching() {
    watching = true;
    return this;
  }

  /** Who read the output has gone. */
  Trial unheard() {
    unheard = true;
    return this;
  }

  /** The program was unpacked there. */
  Trial unpackedIn(Path home) {
    installation = Optional.of(home);
    return this;
  }

  /** Those of a command that is only looked at. */
  static Surroundings surroundings(Path data) {
    return new Surroundings(
        new Terminal(
            print(new ByteArrayOutputStream()),
            print(new ByteArrayOutputStream()),
            OptionalInt.empty(),
            false,
            false,
            false),
        InputStream.nullInputStream(),
        Map.of(),
        data,
        Optional.empty(),
        InstantSource.fixed(Instant.EPOCH),
        "1.2.3",
        new SqliteOffline(),
        new CoreChecker());
  }

  Outcome run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new Surroundings(
                new Terminal(
                    print(unheard ? new ClosedPipe() : out),
                    print(err),
                    OptionalInt.empty(),
                    typing,
                    watching,
                    false),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                Map.of("CYPHER_DATA_DIR", data.toString()),
                data,
                installation,
                InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z")),
                "1.2.3",
                new SqliteOffline(),
                new CoreChecker()),
            new ArrayList<>(List.of(arguments)).toArray(String[]::new));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static final class ClosedPipe extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("Broken pipe");
    }
  }

  private static PrintStream print(OutputStream out) {
    return new PrintStream(out, true, StandardCharsets.UTF_8);
  }
}
