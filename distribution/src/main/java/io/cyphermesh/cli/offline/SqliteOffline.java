package io.cyphermesh.cli.offline;

import io.cyphermesh.cli.data.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;

/** The one place that knows how core opens a database for reading. */
public final class SqliteOffline implements OfflineStore.Opener {

  @Override
  public OfflineStore open(DataDirectory data) throws IOException {
    if (!Files.exists(data.database())) {
      throw new IOException(
          "there are no events in " + data.path() + " yet: start a node with 'cyphermesh run'");
    }
    throw new IOException("no node runs on " + data.path() + ": start it with 'cyphermesh run'");
  }
}
