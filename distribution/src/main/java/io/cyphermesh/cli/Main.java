package io.cyphermesh.cli;

import io.cyphermesh.cli.offline.SqliteOffline;
import io.cyphermesh.cli.settings.Nearest;
import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.verify.CoreChecker;
import io.cyphermesh.core.identity.Rsa;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code cyphermesh}. */
@Command(
    name = "cyphermesh",
    description = "Shares, verifies and stores cyber threat intelligence, peer to peer.",
    footer = {
      "  cyphermesh demo                          see two nodes at work",
      "  cyphermesh run                           run a node here",
      "  cyphermesh add-peer 192.0.2.1:9001       connect it to another",
      "  cyphermesh run --help                    what a command can do, with examples"
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("run")) {
      // A third of a node's start is to load it, and the other processor has nothing to do yet.
      Thread.ofPlatform().daemon().name("cyphermesh-cryptography").start(Rsa::fastest);
    }
    Map<String, String> environment = System.getenv();
    int code =
        run(
            new Surroundings(
                Terminal.ofProcess(environment),
                System.in,
                environment,
                userHome(environment),
                Optional.ofNullable(System.getProperty("cyphermesh.home")).map(Path::of),
                InstantSource.system(),
                Objects.requireNonNullElse(
                    Main.class.getPackage().getImplementationVersion(), "development"),
                new SqliteOffline(),
                new CoreChecker()),
            arguments);
    System.exit(code);
  }

  /** A user that the system does not know has no home, and Java then says a question mark. */
  private static Path userHome(Map<String, String> environment) {
    String home = System.getProperty("user.home", "?");
    return Path.of(home.equals("?") ? environment.getOrDefault("HOME", "/") : home);
  }

  /** Every command, as users can give it. */
  static CommandLine program(Surroundings around) {
    Map<String, Supplier<Object>> commands = commands(around);
    return program(around, commands.values());
  }

  private static CommandLine program(Surroundings around, Iterable<Supplier<Object>> commands) {
    CommandLine program = new CommandLine(new Main());
    commands.forEach(command -> program.addSubcommand(command.get()));
    IVersionProvider version = () -> new String[] {"cyphermesh " + around.version()};
    CommandHelp.complete(program, version);
    return program;
  }

  private static Map<String, Supplier<Object>> commands(Surroundings around) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("run", () -> new RunCommand(around));
    commands.put("demo", () -> new DemoCommand(around));
    commands.put("add-peer", () -> new AddPeerCommand(around));
    commands.put("report", () -> new ReportCommand(around));
    commands.put("events", () -> new EventsCommand(around));
    commands.put("peers", () -> PeersCommand.withSubcommands(around));
    commands.put("plugins", () -> PluginsCommand.withSubcommands(around));
    commands.put("token", () -> TokenCommand.withSubcommands(around));
    commands.put("status", () -> new StatusCommand(around));
    commands.put("detect", () -> new DetectCommand(around));
    commands.put("verify", () -> new VerifyCommand(around));
    commands.put("import", () -> new ImportCommand(around));
    commands.put("backup", () -> new BackupCommand(around));
    commands.put("restore", () -> new RestoreCommand(around));
    commands.put("check", () -> new CheckCommand(around));
    commands.put("reset", () -> new ResetCommand(around));
    commands.put("support-bundle", () -> new SupportBundleCommand(around));
    commands.put("warm-up", () -> new WarmUpCommand(around));
    commands.put("health", () -> new HealthCommand(around));
    return commands;
  }

  /** To read what all commands are takes a tenth of a second, and mostly one is asked for. */
  private static CommandLine programFor(Surroundings around, String... arguments) {
    Map<String, Supplier<Object>> commands = commands(around);
    Supplier<Object> asked = arguments.length == 0 ? null : commands.get(arguments[0]);
    return program(around, asked == null ? commands.values() : List.of(asked));
  }

  /** Runs a command; the answer is what the process should end with. */
  static int run(Surroundings around, String... arguments) {
    Terminal terminal = around.terminal();
    CommandLine program = programFor(around, arguments);
    program.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    program.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    program.setColorScheme(
        CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF));
    program.setUsageHelpWidth(Math.clamp(terminal.columns().orElse(100), 60, 120));
    program.setCaseInsensitiveEnumValuesAllowed(true);
    program.setParameterExceptionHandler(
        (error, _) -> {
          terminal.note(
              oneLine(error.getMessage())
                  + suggestion(error)
                  + " (see '"
                  + error.getCommandLine().getCommandSpec().qualifiedName()
                  + " --help')");
          return CommandFailure.USAGE;
        });
    program.setExecutionExceptionHandler(
        (error, _, _) -> {
          int code =
              error instanceof CommandFailure failure ? failure.exitCode() : CommandFailure.FAILED;
          if (code != CommandFailure.UNHEARD) {
            terminal.note(CommandFailure.reason(error));
          }
          return code;
        });
    int code = program.execute(arguments);
    return code == 0 && terminal.gone() ? CommandFailure.UNHEARD : code;
  }

  private static String suggestion(ParameterException error) {
    if (error instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      String written = unmatched.getUnmatched().getFirst();
      CommandSpec command = error.getCommandLine().getCommandSpec();
      Set<String> names =
          written.startsWith("-") ? command.optionsMap().keySet() : command.subcommands().keySet();
      return Nearest.to(written, names).map(near -> "; did you mean " + near + "?").orElse("");
    }
    return "";
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "wrong usage" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** Without a command: what there is. */
  @Override
  public void run() {
    CommandLine program = Objects.requireNonNull(spec).commandLine();
    program.usage(program.getOut());
  }
}
