package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/** The file: how connections to it are opened, and what its errors mean to an operator. */
record DatabaseFile(Path path) {
  private static final int APPLICATION_ID = 0x4359504d;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** The one connection that writes; the schema is up to date. */
  Connection openForWriting(Migrations migrations) throws IOException {
    createForOwnerOnly(path);
    try {
      Connection connection = connect(config());
      try {
        requireOurs(connection, migrations);
        if (number(connection, "PRAGMA page_count") == 0) {
          // Only an empty file takes it, and WAL mode already writes the first page.
          run(connection, "PRAGMA auto_vacuum = INCREMENTAL");
        }
        run(connection, "PRAGMA journal_mode = WAL");
        // 64 MiB: pages of indexes that many groups write to are copied once.
        run(connection, "PRAGMA wal_autocheckpoint = 16000");
        run(connection, "PRAGMA journal_size_limit = 67108864");
        run(connection, "PRAGMA cache_size = -16000");
        migrate(connection, migrations);
        run(connection, "PRAGMA temp_store = MEMORY");
        return connection;
      } catch (SQLException | IOException | RuntimeException e) {
        closeQuietly(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw new IOException(explain(e), e);
    }
  }

  /** What is sorted meanwhile may be more than memory, or a small /tmp, has room for. */
  private void migrate(Connection connection, Migrations migrations) throws SQLException {
    long version = number(connection, "PRAGMA user_version");
    if (version == 0 || version == migrations.latest()) {
      migrations.apply(connection);
      return;
    }
    String here = parent(path).toString().replace("'", "''");
    run(connection, "PRAGMA temp_store_directory = '" + here + "'");
    try {
      migrations.apply(connection);
    } finally {
      run(connection, "PRAGMA temp_store_directory = ''");
    }
  }

  /** A connection that can only read; the schema is up to date. */
  Connection openForReading(Migrations migrations) throws IOException {
    Connection connection = openAnyForReading(migrations);
    try {
      if (number(connection, "PRAGMA user_version") < migrations.latest()) {
        throw new IOException(
            "the database " + path + " is of an older version: start the node once");
      }
      return connection;
    } catch (SQLException e) {
      closeQuietly(connection, e);
      throw new IOException(explain(e), e);
    } catch (IOException e) {
      closeQuietly(connection, e);
      throw e;
    }
  }

  /** A connection that can only read, to a database of this schema or an older one. */
  Connection openAnyForReading(Migrations migrations) throws IOException {
    if (!Files.exists(path)) {
      throw new IOException("there is no database " + path + " yet: start the node once");
    }
    SQLiteConfig config = config();
    config.setReadOnly(true);
    try {
      Connection connection = connect(config);
      try {
        run(connection, "PRAGMA query_only = 1");
        run(connection, "PRAGMA cache_size = -8000");
        run(connection, "PRAGMA temp_store = MEMORY");
        requireOurs(connection, migrations);
        return connection;
      } catch (SQLException | IOException | RuntimeException e) {
        closeQuietly(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw new IOException(explain(e), e);
    }
  }

  /** A connection that writes to what is there, with nothing of the schema looked at or changed. */
  Connection openAsItIs() throws SQLException {
    SQLiteConfig config = config();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    return connect(config);
  }

  /** Size of the file and of what belongs to it, in bytes. */
  long bytes() {
    long sum = 0;
    for (String suffix : new String[] {"", "-wal", "-shm"}) {
      sum += Path.of(path + suffix).toFile().length();
    }
    return sum;
  }

  /** A failure in one line. */
  StoreException failure(String what, Exception cause) {
    return new StoreException(what + ": " + explain(cause), cause);
  }

  String explain(Exception cause) {
    if (!(cause instanceof SQLiteException sqlite)) {
      String message = cause.getMessage();
      return message == null ? cause.getClass().getSimpleName() : message;
    }
    SQLiteErrorCode code = sqlite.getResultCode();
    // The low byte is the primary code, the rest says where it happened.
    return switch (code.code & 0xff) {
      case 13 -> "no space left for " + path;
      case 10 -> "input/output error on " + path + " (" + code.name() + ")";
      case 8 -> "no permission to write " + path;
      case 14 -> "cannot open " + path;
      case 5, 6 -> path + " is in use by another program";
      case 11, 26 ->
          path
              + " is damaged or no database of CypherMesh ("
              + code.name()
              + "): 'cyphermesh check' tells what is wrong with it, 'cyphermesh restore FILE' puts a"
              + " backup in its place, 'cyphermesh reset --db' deletes it and all it holds";
      default -> path + ": " + String.valueOf(sqlite.getMessage());
    };
  }

  private void requireOurs(Connection connection, Migrations migrations)
      throws SQLException, IOException {
    long version = number(connection, "PRAGMA user_version");
    long application = number(connection, "PRAGMA application_id");
    boolean empty = number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
    if (!empty && application != APPLICATION_ID) {
      throw new IOException(path + " is a database of another program");
    }
    if (version > migrations.latest()) {
      throw new IOException(
          path
              + " was written by a newer CypherMesh (schema "
              + version
              + ", this one knows "
              + migrations.latest()
              + "): run that version or a later one");
    }
  }

  private Connection connect(SQLiteConfig config) throws SQLException {
    return config.createConnection("jdbc:sqlite:" + path.toAbsolutePath());
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    // Each connection is used by one thread at a time.
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    config.setBusyTimeout(5000);
    // Else the driver asks for the last row number after each INSERT, a tenth of the time.
    config.setGetGeneratedKeys(false);
    return config;
  }

  /** Makes the file if there is none; in any case nobody but its owner can read it afterwards. */
  static void createForOwnerOnly(Path file) throws IOException {
    boolean posix = Files.getFileStore(parent(file)).supportsFileAttributeView("posix");
    try {
      if (posix) {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException e) {
      if (posix && !Files.getPosixFilePermissions(file).equals(OWNER_ONLY)) {
        Files.setPosixFilePermissions(file, OWNER_ONLY);
      }
    }
  }

  static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Runs one or more statements to their end, whatever rows they give. */
  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  /** What is done in one transaction. */
  @FunctionalInterface
  interface Change {
    void make() throws SQLException;
  }

  /** Makes a change as a whole, or not at all. */
  static void transaction(Connection connection, Change change) throws SQLException {
    run(connection, "BEGIN IMMEDIATE");
    try {
      change.make();
      run(connection, "COMMIT");
    } catch (SQLException | RuntimeException e) {
      try {
        run(connection, "ROLLBACK");
      } catch (SQLException rollback) {
        e.addSuppressed(rollback);
      }
      throw e;
    }
  }

  static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  private static void closeQuietly(Connection connection, Exception cause) {
    try {
      connection.close();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }
}
