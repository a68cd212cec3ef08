package io.cyphermesh.core.store.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema as numbered scripts; script n takes a database from version n − 1 to n.
 *
 * @param scripts SQL, the first one for version 1
 */
record Migrations(List<String> scripts) {
  private static final Logger log = LoggerFactory.getLogger(Migrations.class);
  private static final int LATEST = 8;

  Migrations {
    scripts = List.copyOf(scripts);
  }

  /** The scripts of this version of the program. */
  static Migrations ours() {
    return new Migrations(
        IntStream.rangeClosed(1, LATEST).mapToObj(n -> script("V" + n + ".sql")).toList());
  }

  int latest() {
    return scripts.size();
  }

  /**
   * Runs the scripts that are missing, each in a transaction of its own. What a script cannot do at
   * once is done after it, in steps.
   */
  void apply(Connection connection) throws SQLException {
    int version = (int) DatabaseFile.number(connection, "PRAGMA user_version");
    if (version > 0 && version < latest()) {
      log.info(
          "The database is brought up to date, once: of {} events, 1,000,000 take some seconds",
          DatabaseFile.number(connection, "SELECT stored FROM state"));
    }
    while (version < latest()) {
      String script = scripts.get(version);
      version++;
      String noted = "PRAGMA user_version = " + version;
      DatabaseFile.transaction(
          connection,
          () -> {
            DatabaseFile.run(connection, script);
            DatabaseFile.run(connection, noted);
          });
    }
  }

  private static String script(String name) {
    try (InputStream in = Migrations.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("missing in the program: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
