package io.cyphermesh.cli.offline;

import io.cyphermesh.cli.backup.Restore;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.core.node.StoppedNode;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventView;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** The database as core reads it. */
public final class SqliteOffline implements OfflineStore.Opener {

  @Override
  public OfflineStore open(DataDirectory data) throws IOException {
    Restore.requireNone(data);
    if (!Files.exists(data.database())) {
      throw new IOException(
          "there are no events in " + data.path() + " yet: start a node with 'cyphermesh run'");
    }
    StoppedNode node = StoppedNode.open(data.path());
    return new OfflineStore() {
      @Override
      public List<EventView> newest(EventFilter filter, int limit) {
        return limit == 0 ? List.of() : node.newest(filter, limit);
      }

      @Override
      public long stored() {
        return node.stored();
      }

      @Override
      public long local() {
        return node.local();
      }

      @Override
      public long bytes() {
        return node.databaseBytes();
      }

      @Override
      public void close() {
        node.close();
      }
    };
  }
}
