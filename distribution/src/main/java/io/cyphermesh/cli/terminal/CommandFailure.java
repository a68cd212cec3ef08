package io.cyphermesh.cli.terminal;

/**
 * Ends a command. The message is one line that says what to do, or nothing; no stack is ever shown.
 */
public final class CommandFailure extends RuntimeException {
  /** Something failed, or was found invalid. */
  public static final int FAILED = 1;

  /** The command line or a setting is wrong. */
  public static final int USAGE = 2;

  /** Nobody reads the output any more: as a shell says it of a program that SIGPIPE ended. */
  public static final int UNHEARD = 141;

  private final int exitCode;

  /** Something failed. */
  public CommandFailure(String message) {
    this(FAILED, message);
  }

  private CommandFailure(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  /** The command line or a setting is wrong. */
  public static CommandFailure usage(String message) {
    return new CommandFailure(USAGE, message);
  }

  /** Nobody reads the output any more, which is nothing to be told. */
  public static CommandFailure unheard() {
    return new CommandFailure(UNHEARD, "");
  }

  /** What the process ends with. */
  public int exitCode() {
    return exitCode;
  }

  /** What {@code error} says, in one line, for exceptions whose message may be missing. */
  public static String reason(Throwable error) {
    String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getClass().getSimpleName();
    }
    return switch (error) {
      case java.nio.file.AccessDeniedException denied -> "no permission for " + denied.getFile();
      case java.nio.file.NoSuchFileException missing -> missing.getFile() + " does not exist";
      case java.nio.file.FileSystemException other when other.getReason() == null ->
          other.getFile() + ": " + other.getClass().getSimpleName();
      default -> message.strip().replaceAll("\\s*\\R\\s*", " ");
    };
  }
}
