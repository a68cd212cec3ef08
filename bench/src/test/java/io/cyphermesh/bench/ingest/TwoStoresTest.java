package io.cyphermesh.bench.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.store.sqlite.SqliteEventStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoStoresTest {
  @TempDir private Path folder;

  @Test
  void eachHasHalfOfWhatDiffersAndAllOfThatIsSigned() throws Exception {
    Rsa rsa = Rsa.fastest();
    List<NodeIdentity> reporters = Keys.open(folder, "reporter", 1, rsa);
    for (boolean scattered : new boolean[] {false, true}) {
      TwoStores stores =
          TwoStores.make(
              folder.resolve("scattered-" + scattered),
              100,
              10,
              scattered,
              reporters,
              Instant.now());
      Map<String, StoredEvent> first = events(stores.first());
      Map<String, StoredEvent> second = events(stores.second());
      assertThat(first).hasSize(100);
      assertThat(second).hasSize(100);

      Map<String, StoredEvent> own = new HashMap<>(first);
      own.keySet().removeAll(second.keySet());
      Set<String> missing = new HashSet<>(second.keySet());
      missing.removeAll(first.keySet());
      assertThat(own).hasSize(5);
      assertThat(missing).hasSize(5);
      missing.forEach(id -> own.put(id, second.get(id)));
      EventVerifier verifier = new EventVerifier(rsa);
      assertThat(own.values())
          .allMatch(stored -> verifier.check(stored.event()) == EventVerifier.Finding.FULL);
      assertThat(stores.travelling())
          .isEqualTo(own.values().stream().mapToLong(e -> e.event().canonical().length()).sum());
    }
  }

  private static Map<String, StoredEvent> events(Path data) throws IOException {
    try (SqliteEventStore store =
        SqliteEventStore.open(
            data.resolve("cyphermesh.db"),
            StoreSettings.DEFAULTS,
            (_, _, _) -> true,
            InstantSource.system())) {
      Map<String, StoredEvent> events = new HashMap<>();
      store.after(0, 1_000).forEach(stored -> events.put(stored.key().hex(), stored));
      return events;
    }
  }
}
