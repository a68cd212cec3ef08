package io.cyphermesh.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.cyphermesh.api.Exporter;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.ThreatEvent;
import io.cyphermesh.api.Tlp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every exporter has to pass: extend it, name the exporter and settings by which it reaches a
 * receiver of your test, and JUnit runs the tests below with yours.
 */
public abstract class ExporterContract {
  private static final Duration STOP = Duration.ofSeconds(1);

  @TempDir Path directory;

  /** Makes the exporter. */
  protected abstract Exporter exporter();

  /** Settings by which it delivers to a receiver that takes everything, in HOCON. */
  protected abstract String settings();

  /** Settings by which its receiver never answers; empty where it does not wait for an answer. */
  protected Optional<String> settingsOfASilentReceiver() {
    return Optional.empty();
  }

  @Test
  void itDeliversEventsOfEveryKind() throws Exception {
    try (ExporterHarness harness = harness(exporter(), settings())) {
      assertThatCode(() -> harness.export(events())).doesNotThrowAnyException();
    }
  }

  @Test
  void itTakesTheSameBatchTwice() throws Exception {
    try (ExporterHarness harness = harness(exporter(), settings())) {
      harness.export(events());

      assertThatCode(() -> harness.export(events())).doesNotThrowAnyException();
    }
  }

  @Test
  void itStopsWithinASecondOfAnInterrupt() throws Exception {
    Optional<String> silent = settingsOfASilentReceiver();
    if (silent.isEmpty()) {
      return;
    }
    try (ExporterHarness harness = harness(exporter(), silent.get())) {
      Thread exporting =
          Thread.ofPlatform()
              .daemon()
              .name("exporter-under-test")
              .start(
                  () -> {
                    try {
                      harness.export(events());
                    } catch (Exception e) {
                      // What is asked here is only when it ends.
                    }
                  });

      exporting.interrupt();

      assertThat(exporting.join(STOP)).as("it ended within %s", STOP).isTrue();
    }
  }

  @Test
  void itsClassesCanBeUnloadedAfterItStopped() throws Exception {
    Isolated.assertCollectable(
        exporter().getClass(),
        Exporter.class,
        made -> {
          try (ExporterHarness harness = harness(made, settings())) {
            harness.export(events());
          }
        });
  }

  private ExporterHarness harness(Exporter made, String hocon) throws Exception {
    return ExporterHarness.of(made, directory).settings(hocon).start();
  }

  private static List<ThreatEvent> events() {
    return List.of(
        Events.event("203.0.113.7"),
        Events.event("2001:db8::1", "port-scan", Severity.LOW),
        Events.event(
            "example.org",
            "c2 \"beacon\"\n|pipe=\\",
            Severity.UNKNOWN,
            Tlp.GREEN,
            Optional.of("{\"count\": 3, \"description\": \"caf\\u00e9\", \"tlp\": \"green\"}")));
  }
}
