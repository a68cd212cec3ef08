package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.testing.TestReporter;
import io.cyphermesh.core.view.EventView;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreViewTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private final SignedEvent full =
      TestReporter.create().event("198.51.100.7", NOW, "{\"count\": 5}");

  @Test
  void aFullEventIsStoredUnderTheIdThatIsShown() {
    EventView shown = view(full, false);

    assertThat(shown.id()).isEqualTo(full.claimedId().hex());
    assertThat(shown.key()).isEqualTo(shown.id());
  }

  @Test
  void aBareEventIsShownUnderTheIdThatTheWireCarries() {
    SignedEvent bare = full.withoutDetails();

    EventView shown = view(bare, true);

    assertThat(shown.id()).isEqualTo(full.claimedId().hex());
    assertThat(shown.key()).isEqualTo(bare.key(true).hex()).isNotEqualTo(shown.id());
  }

  private static EventView view(SignedEvent event, boolean bare) {
    return StoreView.view(new StoredEvent(7, event, bare, false, Optional.empty(), NOW));
  }
}
