package io.cyphermesh.cli.detect;

import io.cyphermesh.cli.data.Reset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder for the time of a command, its owner's alone; gone also after Ctrl-C. */
public final class Scratch implements AutoCloseable {
  private final Path folder;
  private final Thread hook = new Thread(this::delete, "detect-scratch");
  private boolean deleted;

  /** Makes it where the system keeps what is temporary. */
  public Scratch() throws IOException {
    folder = Files.createTempDirectory("cyphermesh-detect");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  private synchronized void delete() {
    if (deleted) {
      return;
    }
    deleted = true;
    try {
      Reset.deleteTree(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook runs.
      return;
    }
    delete();
  }
}
