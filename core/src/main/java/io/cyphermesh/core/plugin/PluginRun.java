package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plugin from when its jar is loaded until it is unloaded: its classes, its extensions and their
 * threads. Changed by the host's control thread alone.
 */
final class PluginRun {
  private static final Logger LOG = LoggerFactory.getLogger(PluginRun.class);

  private PreparedJar jar;
  private final IsolatedClassLoader loader;
  private final List<Part> parts;
  private final List<CheckpointSlot> slots;

  /** Runs again if this one does not start. */
  private Optional<PreparedJar> fallback = Optional.empty();

  private long probationEnds;

  PluginRun(
      PreparedJar jar, IsolatedClassLoader loader, List<Part> parts, List<CheckpointSlot> slots) {
    this.jar = jar;
    this.loader = loader;
    this.parts = List.copyOf(parts);
    this.slots = List.copyOf(slots);
  }

  PreparedJar jar() {
    return jar;
  }

  /** The same content is now known as another file, or another state of it. */
  void seenAs(PluginJar other) {
    jar = jar.seenAs(other);
  }

  List<Part> parts() {
    return parts;
  }

  List<CheckpointSlot> slots() {
    return slots;
  }

  IsolatedClassLoader loader() {
    return loader;
  }

  /** It has until then to prove that it starts, else the other one comes back. */
  void onProbation(PreparedJar other, long until) {
    fallback = Optional.of(other);
    probationEnds = until;
  }

  Optional<PreparedJar> fallback() {
    return fallback;
  }

  boolean hasPassed(long nanos) {
    return nanos - probationEnds >= 0;
  }

  void passed() {
    fallback = Optional.empty();
  }

  /** The first fault that ended an extension's own code; empty if there was none. */
  Optional<String> crash() {
    return parts.stream()
        .map(Part::status)
        .filter(ExtensionStatus::hasCrashed)
        .flatMap(status -> status.now().lastError().stream())
        .findFirst();
  }

  /** Interrupts the threads that the plugin itself started and did not end. */
  List<Thread> interruptLeftThreads() {
    List<Thread> left = LeftThreads.of(loader);
    LeftThreads.interrupt(left);
    return left;
  }

  /** Whether nothing of it runs any more. */
  boolean hasEnded() {
    return parts.stream().allMatch(Part::hasEnded) && LeftThreads.of(loader).isEmpty();
  }

  /** Waits for the threads that the plugin left behind. */
  static List<Thread> awaitEnd(List<Thread> threads, Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (Thread thread : threads) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (left.isPositive()) {
        thread.join(left);
      }
    }
    return threads.stream().filter(Thread::isAlive).toList();
  }

  /** Closes the classes of a run that was left behind and has ended after all. */
  void closeAtLast() {
    try {
      loader.closeAtLast();
    } catch (IOException e) {
      LOG.warn("{} cannot be closed: {}", jar.copy().file(), e.toString());
    }
  }
}
