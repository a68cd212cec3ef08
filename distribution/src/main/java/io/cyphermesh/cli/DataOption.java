package io.cyphermesh.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which node is meant. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The node's data directory (CYPHER_DATA_DIR; ~/.cyphermesh).")
  @Nullable String directory;
}
