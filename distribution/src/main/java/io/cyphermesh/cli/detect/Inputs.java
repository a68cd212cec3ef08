package io.cyphermesh.cli.detect;

import io.cyphermesh.cli.terminal.CommandFailure;
import io.cyphermesh.core.source.ReplayInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The logs that somebody names, looked at before any is read.
 *
 * @param logs in the order in which they were named
 * @param bytes of all together; empty where one is a pipe
 */
public record Inputs(List<ReplayInput> logs, OptionalLong bytes) {
  private static final String STANDARD_INPUT = "-";

  /** Archives that keep no times write one before this. */
  private static final Instant FIRST_TRUE_TIME = Instant.parse("1980-02-01T00:00:00Z");

  /**
   * Looks at them.
   *
   * @param names paths, or {@code -} for {@code in}
   * @param clock the present, for what has no time of its own
   * @throws CommandFailure if one cannot be read
   */
  public static Inputs of(List<String> names, InputStream in, InstantSource clock) {
    if (names.stream().filter(STANDARD_INPUT::equals).count() > 1) {
      throw CommandFailure.usage("standard input can be read once only: name - once");
    }
    Instant now = clock.instant();
    List<ReplayInput> logs = new ArrayList<>();
    OptionalLong bytes = OptionalLong.of(0);
    for (String name : names) {
      if (name.equals(STANDARD_INPUT)) {
        logs.add(new ReplayInput("-", Path.of("/dev/stdin"), now, () -> in));
        bytes = OptionalLong.empty();
        continue;
      }
      Path file = path(name);
      BasicFileAttributes attributes = attributes(name, file);
      boolean regular = attributes.isRegularFile();
      Instant written = attributes.lastModifiedTime().toInstant();
      logs.add(
          new ReplayInput(
              name,
              file.toAbsolutePath().normalize(),
              regular && written.isAfter(FIRST_TRUE_TIME) ? written : now,
              () -> Files.newInputStream(file)));
      bytes =
          regular && bytes.isPresent()
              ? OptionalLong.of(bytes.getAsLong() + attributes.size())
              : OptionalLong.empty();
    }
    return new Inputs(List.copyOf(logs), bytes);
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new CommandFailure(name + ": it cannot be a path");
    }
  }

  private static BasicFileAttributes attributes(String name, Path file) {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (IOException e) {
      throw new CommandFailure(
          e instanceof java.nio.file.NoSuchFileException
              ? name + " does not exist"
              : name + ": " + CommandFailure.reason(e));
    }
    if (attributes.isDirectory()) {
      throw new CommandFailure(name + " is a folder: name the files in it, the oldest first");
    }
    if (!Files.isReadable(file)) {
      throw new CommandFailure("no permission to read " + name);
    }
    return attributes;
  }
}
