package io.cyphermesh.cli;

import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.offline.OfflineStore;
import io.cyphermesh.cli.settings.Flags;
import io.cyphermesh.cli.settings.SettingsReader;
import io.cyphermesh.cli.terminal.Terminal;
import io.cyphermesh.cli.verify.EventChecker;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What every command finds around it.
 *
 * @param terminal where it prints
 * @param in standard input
 * @param environment the process's variables
 * @param userHome where {@code .cyphermesh} is
 * @param installation the folder of the unpacked archive, where there is one
 * @param clock the time
 * @param version of the program
 * @param stores opens a database that no node has open
 * @param checker checks an event by itself
 */
record Surroundings(
    Terminal terminal,
    InputStream in,
    Map<String, String> environment,
    Path userHome,
    Optional<Path> installation,
    InstantSource clock,
    String version,
    OfflineStore.Opener stores,
    EventChecker checker) {

  SettingsReader settings() {
    return new SettingsReader(environment, userHome, installation);
  }

  /** Another terminal and data directory, and no variable of the user's. */
  Surroundings instead(Terminal other, DataDirectory data) {
    return new Surroundings(
        other,
        in,
        Map.of("CYPHER_DATA_DIR", data.path().toString()),
        userHome,
        installation,
        clock,
        version,
        stores,
        checker);
  }

  DataDirectory dataDirectory(@Nullable String flag) {
    return settings().dataDirectory(new Flags().with("--data", flag));
  }
}
