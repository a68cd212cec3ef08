package io.cyphermesh.cli;

import picocli.CommandLine.Option;

/** For commands that end with one result. */
final class JsonOption {
  @Option(names = "--json", description = "Print the result as one JSON object.")
  boolean wanted;
}
