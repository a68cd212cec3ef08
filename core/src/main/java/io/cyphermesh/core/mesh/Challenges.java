package io.cyphermesh.core.mesh;

import io.cyphermesh.api.HostPort;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tried addresses that are dialled once more before they give way, and to whom they would. */
final class Challenges {
  /** One is settled with each feeler; who is not noted here comes again with its next link. */
  private static final int MOST = 16;

  private final Map<HostPort, HostPort> challengers = new LinkedHashMap<>();

  void put(HostPort incumbent, HostPort challenger) {
    if (challengers.size() < MOST && !challengers.containsValue(challenger)) {
      challengers.putIfAbsent(incumbent, challenger);
    }
  }

  /** Ends a challenge; who challenged. */
  Optional<HostPort> remove(HostPort incumbent) {
    return Optional.ofNullable(challengers.remove(incumbent));
  }

  /** The oldest challenge first. */
  List<HostPort> incumbents() {
    return List.copyOf(challengers.keySet());
  }
}
