package io.cyphermesh.core.peer;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a link's reader and its writer see; anybody may look. */
final class TrafficCounts {
  private static final int HEADER_BYTES = 4;

  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final LongAdder framesIn = new LongAdder();
  private final LongAdder framesOut = new LongAdder();
  private final LongAdder eventsIn = new LongAdder();

  void received(byte[] frame) {
    framesIn.increment();
    bytesIn.add(frame.length + HEADER_BYTES);
  }

  void events(int count) {
    eventsIn.add(count);
  }

  void sent(List<byte[]> frames) {
    framesOut.add(frames.size());
    for (byte[] frame : frames) {
      bytesOut.add(frame.length + HEADER_BYTES);
    }
  }

  LinkTraffic with(SendQueue queue) {
    return new LinkTraffic(
        bytesIn.sum(),
        bytesOut.sum(),
        framesIn.sum(),
        framesOut.sum(),
        eventsIn.sum(),
        queue.eventsTaken(),
        queue.waiting());
  }
}
