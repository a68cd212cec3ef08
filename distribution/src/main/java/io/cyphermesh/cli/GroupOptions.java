package io.cyphermesh.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** For commands with commands of their own, which take these, too. */
final class GroupOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "The node's data directory (CYPHER_DATA_DIR; ~/.cyphermesh).")
  @Nullable String directory;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print JSON: one object, of a list one a line.")
  boolean json;
}
