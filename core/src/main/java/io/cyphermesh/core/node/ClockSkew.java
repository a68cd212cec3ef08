package io.cyphermesh.core.node;

import io.cyphermesh.api.NodeId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Warns when most peers' clocks differ from ours by over five minutes: then it is likely ours that
 * is wrong.
 */
final class ClockSkew {
  private static final Duration TOLERATED = Duration.ofMinutes(5);
  private static final int REMEMBERED = 64;
  private static final int QUORUM = 3;

  private final Map<NodeId, Duration> skews =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Duration> eldest) {
          return size() > REMEMBERED;
        }
      };

  synchronized void observe(NodeId peer, Duration skew) {
    skews.put(peer, skew);
  }

  synchronized Optional<String> warning() {
    long off = skews.values().stream().filter(skew -> skew.abs().compareTo(TOLERATED) > 0).count();
    return skews.size() >= QUORUM && off * 2 > skews.size()
        ? Optional.of(
            "the clocks of "
                + off
                + " of "
                + skews.size()
                + " peers differ from ours by over 5 minutes: check this machine's time")
        : Optional.empty();
  }
}
