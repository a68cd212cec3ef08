package io.cyphermesh.hotswap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.core.view.PluginView;
import io.cyphermesh.hotswap.Plugins.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;

/** What an operator with a bad day does to a node's plugins, each step seen to its end. */
final class Churn {
  /** The folders are looked at every 5 s without a hint, and an upgrade may be on probation. */
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /** The plugins that come and go. */
  static final List<String> IDS = List.of("detector", "exporter", "leaking");

  /** A step. */
  enum Act {
    DROP_IN,
    DROP_IN_SLOWLY,
    DROP_IN_BROKEN,
    UPGRADE_IN_PLACE,
    UPGRADE_BY_RENAME,
    UPGRADE_TO_THROWING,
    UPGRADE_TO_BREAKING,
    UPGRADE_TO_OTHER_API,
    UPGRADE_TO_GARBAGE,
    DISABLE_AND_ENABLE,
    RELOAD,
    REMOVE
  }

  private static final EnumSet<Act> WHILE_NOTHING_RUNS =
      EnumSet.of(Act.DROP_IN, Act.DROP_IN_SLOWLY, Act.DROP_IN_BROKEN);

  /** The one in the folder, which is known not to start. */
  private static final EnumSet<Act> TRY_THE_JAR_AGAIN =
      EnumSet.of(Act.DISABLE_AND_ENABLE, Act.RELOAD);

  /** A plugin's place in the folder, and what is known to be there. */
  private static final class Place {
    private final String id;

    /** What runs; empty while nothing does. */
    private Optional<String> running = Optional.empty();

    /** What ran since the jar was dropped in. */
    private final Set<String> ran = new HashSet<>();

    /** Whether the jar in the folder is another one than what runs. */
    private boolean rolledBack;

    Place(String id) {
      this.id = id;
    }
  }

  private final LiveNode node;
  private final Plugins plugins;
  private final Random random;
  private final List<Place> places;
  private final Map<Act, Integer> done = new EnumMap<>(Act.class);
  private int versions;

  Churn(LiveNode node, Plugins plugins, long seed) {
    this.node = node;
    this.plugins = plugins;
    this.random = new Random(seed);
    this.places = IDS.stream().map(Place::new).toList();
  }

  /** Takes a step and waits until the node shows what is to come of it. */
  void step() throws IOException, InterruptedException {
    Place place = places.get(random.nextInt(places.size()));
    Act act = choose(place);
    carryOut(act, place);
    done.merge(act, 1, Integer::sum);
  }

  private Act choose(Place place) {
    Set<Act> possible =
        place.running.isEmpty()
            ? EnumSet.copyOf(WHILE_NOTHING_RUNS)
            : EnumSet.complementOf(WHILE_NOTHING_RUNS);
    if (place.rolledBack) {
      possible.removeAll(TRY_THE_JAR_AGAIN);
    }
    // What has not been done yet comes first, so that a short run does most of it.
    int least = possible.stream().mapToInt(act -> done.getOrDefault(act, 0)).min().orElseThrow();
    List<Act> rare = possible.stream().filter(act -> done.getOrDefault(act, 0) == least).toList();
    return rare.get(random.nextInt(rare.size()));
  }

  private void carryOut(Act act, Place place) throws IOException, InterruptedException {
    String version = "1." + ++versions + ".0";
    switch (act) {
      case DROP_IN -> {
        rename(good(place, version), place);
        awaitRunning(place, version);
      }
      case DROP_IN_SLOWLY -> {
        writeInHalves(good(place, version), place);
        awaitRunning(place, version);
      }
      case DROP_IN_BROKEN -> {
        rename(plugins.jar(Kind.BREAKING, place.id, version), place);
        awaitState(place, "FAILED with its reason", it -> is(it, "FAILED") && says(it, "it broke"));
        Files.delete(jar(place));
        awaitGone(place);
      }
      case UPGRADE_IN_PLACE -> {
        overwrite(good(place, version), place);
        awaitRunning(place, version);
      }
      case UPGRADE_BY_RENAME -> {
        rename(good(place, version), place);
        awaitRunning(place, version);
      }
      case UPGRADE_TO_THROWING -> {
        rename(plugins.jar(Kind.THROWING, place.id, version), place);
        awaitOld(place, "not in this version");
      }
      case UPGRADE_TO_BREAKING -> {
        overwrite(plugins.jar(Kind.BREAKING, place.id, version), place);
        awaitOld(place, "it broke");
      }
      case UPGRADE_TO_OTHER_API -> {
        rename(plugins.jar(Kind.OTHER_API, place.id, version), place);
        awaitOld(place, "99.0.0");
      }
      case UPGRADE_TO_GARBAGE -> {
        overwrite(plugins.jar(Kind.GARBAGE, place.id, version), place);
        awaitOld(place, "refused");
      }
      case DISABLE_AND_ENABLE -> {
        assertThat(node.control().disablePlugin(place.id).state()).isEqualTo("DISABLED");
        assertThat(node.control().enablePlugin(place.id).state()).isEqualTo("ACTIVE");
        awaitRunning(place, place.running.orElseThrow());
      }
      case RELOAD -> {
        Instant before = view(place).orElseThrow().since();
        node.control().reloadPlugin(place.id);
        awaitState(place, "ACTIVE anew", it -> is(it, "ACTIVE") && it.since().isAfter(before));
      }
      case REMOVE -> {
        Files.delete(jar(place));
        awaitGone(place);
      }
    }
  }

  /** Removes all that is there. */
  void end() throws IOException {
    for (Place place : places) {
      if (Files.deleteIfExists(jar(place))) {
        awaitGone(place);
      }
    }
  }

  int steps() {
    return done.values().stream().mapToInt(Integer::intValue).sum();
  }

  Map<Act, Integer> done() {
    return done;
  }

  private Path good(Place place, String version) throws IOException {
    return plugins.jar(Kind.valueOf(place.id.toUpperCase(Locale.ROOT)), place.id, version);
  }

  private Path jar(Place place) {
    return node.plugins().resolve(place.id + ".jar");
  }

  private void rename(Path content, Place place) throws IOException {
    Path beside = node.plugins().resolve(place.id + ".new");
    Files.copy(content, beside);
    Files.move(
        beside, jar(place), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** As {@code cp} does: the same file gets another content, and for a moment has none. */
  private void overwrite(Path content, Place place) throws IOException {
    Files.write(jar(place), Files.readAllBytes(content), StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Over a slow line: the folder is looked at while half of it is there. */
  private void writeInHalves(Path content, Place place) throws IOException {
    byte[] bytes = Files.readAllBytes(content);
    try (OutputStream out = Files.newOutputStream(jar(place))) {
      out.write(bytes, 0, bytes.length / 2);
      out.flush();
      // Half a jar is nothing that runs, however long it lies there.
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(5))
          .until(() -> view(place).filter(it -> is(it, "ACTIVE")).isEmpty());
      out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
    }
  }

  private Optional<PluginView> view(Place place) {
    return node.plugin(place.id);
  }

  private void awaitRunning(Place place, String version) {
    awaitState(
        place,
        "ACTIVE in version " + version,
        it -> is(it, "ACTIVE") && it.version().equals(version));
    place.running = Optional.of(version);
    place.ran.add(version);
    place.rolledBack = false;
  }

  /** The one before, or where that had not proven itself yet, the one before that one. */
  private void awaitOld(Place place, String reason) {
    awaitState(
        place,
        "ACTIVE in one of the former versions " + place.ran + ", with the reason '" + reason + "'",
        it -> is(it, "ACTIVE") && place.ran.contains(it.version()) && says(it, reason));
    place.running = view(place).map(PluginView::version);
    place.rolledBack = true;
  }

  private void awaitGone(Place place) {
    // A broken jar in the place of one that ran may be known by its file for a moment.
    awaitThat(place, "gone", () -> view(place).isEmpty());
    place.running = Optional.empty();
    place.ran.clear();
    place.rolledBack = false;
  }

  private void awaitState(Place place, String what, Predicate<PluginView> state) {
    awaitThat(place, what, () -> view(place).filter(state).isPresent());
  }

  private void awaitThat(Place place, String what, Callable<Boolean> condition) {
    try {
      await(place.id + " that is " + what).atMost(PATIENCE).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + "; there are " + node.view().plugins(), e);
    }
  }

  private static boolean is(PluginView plugin, String state) {
    return plugin.state().equals(state);
  }

  private static boolean says(PluginView plugin, String reason) {
    return plugin.lastError().filter(error -> error.contains(reason)).isPresent();
  }
}
