package io.cyphermesh.cli;

import io.cyphermesh.cli.manual.FishCompletion;
import io.cyphermesh.cli.manual.ManPage;
import io.cyphermesh.cli.manual.ZshCompletion;
import io.cyphermesh.cli.offline.SqliteOffline;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.verify.CoreChecker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * Writes the manual pages and the completions of shells, from the commands themselves. The build
 * runs it; users never do.
 */
public final class Manual {
  private static final String PROGRAM = "cyphermesh";

  /** What {@code cyphermesh-add-peer} is. */
  private static final String ADD_PEER = "add-peer";

  private Manual() {}

  /**
   * Writes all of it.
   *
   * @param arguments the folder, the program's version, and when it was made, in ISO 8601
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    write(Path.of(arguments[0]), arguments[1], arguments[2].substring(0, "2026-11-22".length()));
  }

  static void write(Path folder, String version, String date) throws IOException {
    CommandLine program = program(version);
    CommandLine addPeer = program.getSubcommands().get(ADD_PEER);
    for (ManPage page : ManPage.all(program.getCommandSpec(), version, date)) {
      put(folder.resolve("man/man1/" + page.file()), page.text());
    }
    for (Map.Entry<String, CommandLine> each :
        Map.of(PROGRAM, program, PROGRAM + "-" + ADD_PEER, addPeer).entrySet()) {
      String name = each.getKey();
      CommandLine command = each.getValue();
      Path completions = folder.resolve("completions");
      put(completions.resolve("bash/" + name), bash(name, command));
      put(
          completions.resolve("zsh/_" + name),
          new ZshCompletion(name, command.getCommandSpec()).text());
      put(
          completions.resolve("fish/" + name + ".fish"),
          new FishCompletion(name, command.getCommandSpec()).text());
    }
  }

  /** It is sourced, never run: an interpreter's line would only tell otherwise. */
  private static String bash(String name, CommandLine command) {
    return AutoComplete.bash(name, command).replaceFirst("^#!.*\\R", "");
  }

  /** The commands alone: nothing is around them, and none is run. */
  private static CommandLine program(String version) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return Main.program(
        new Surroundings(
            new Terminal(nowhere, nowhere, OptionalInt.empty(), false, false, false),
            InputStream.nullInputStream(),
            Map.of(),
            Path.of("/"),
            Optional.empty(),
            InstantSource.system(),
            version,
            new SqliteOffline(),
            new CoreChecker()));
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
