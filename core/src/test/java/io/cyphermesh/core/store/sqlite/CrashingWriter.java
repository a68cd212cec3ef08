package io.cyphermesh.core.store.sqlite;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Arrival;
import io.cyphermesh.core.store.EventStore.CheckpointWrite;
import io.cyphermesh.core.store.StoreSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A process that goes on counting where its checkpoint says, one local event a number, amid events
 * of others, until it is killed. It prints each number when its event is durable.
 */
final class CrashingWriter {
  private CrashingWriter() {}

  public static void main(String[] arguments) throws Exception {
    InstantSource clock = InstantSource.system();
    TestEvents events = new TestEvents(new Random(Long.parseLong(arguments[1])));
    ReporterKey ourselves = events.reporter();
    ReporterKey other = events.reporter();
    SqliteEventStore store =
        SqliteEventStore.open(
            Path.of(arguments[0]),
            StoreSettings.DEFAULTS,
            (reporter, firstSeen, now) -> true,
            clock);
    int number =
        store
            .checkpoint("counter")
            .map(state -> Integer.parseInt(new String(state, US_ASCII)))
            .orElse(0);
    while (true) {
      number++;
      for (int i = 0; i < 3; i++) {
        store.add(
            new Arrival(
                events.plain(other, "198.51.100." + i, clock.instant()),
                false,
                new PeerId.Node(other.nodeId())),
            outcome -> {});
      }
      SignedEvent event = events.plain(ourselves, "number-" + number, clock.instant());
      store.addLocal(
          List.of(event),
          Optional.of(new CheckpointWrite("counter", Integer.toString(number).getBytes(US_ASCII))));
      System.out.println(number);
    }
  }
}
