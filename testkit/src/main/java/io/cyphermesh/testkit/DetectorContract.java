package io.cyphermesh.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every detector has to pass that follows files: extend it, name the detector and a few lines,
 * and JUnit runs the tests below with yours.
 */
public abstract class DetectorContract {
  private static final Duration STOP = Duration.ofSeconds(1);

  private static final List<String> GARBAGE =
      List.of(
          "",
          " ",
          "\u0000\u0001\u0002",
          "\ufffd\ufffd\ufffd",
          "\ud83d\ude00".repeat(100),
          "x".repeat(65_536),
          "{\"a\": [1, 2, ".repeat(500),
          "%s %n ${jndi:ldap://127.0.0.1/}",
          "9".repeat(400),
          "-1 :: 999.999.999.999 [::::1]");

  @TempDir Path directory;

  /** Makes the detector. */
  protected abstract Detector detector();

  /** Settings that let it detect, in HOCON, over those of its reference.conf. */
  protected String settings() {
    return "";
  }

  /** Lines of which it reports at least once. */
  protected abstract List<String> lines();

  @Test
  void itReportsWhatTheLinesShow() throws Exception {
    DetectorHarness harness = harness();

    harness.replay(lines());

    assertThat(harness.detections()).isNotEmpty();
  }

  @Test
  void itStopsWithinASecondOfAnInterrupt() throws Exception {
    try (DetectorHarness harness = harness().start()) {
      harness.feed(lines().toArray(String[]::new));

      harness.stop(STOP);
    }
  }

  @Test
  void itGoesOnFromItsCheckpointWhereverItWasStopped() throws Exception {
    DetectorHarness whole = harness();
    whole.replay(lines());

    for (int cut = 0; cut <= lines().size(); cut++) {
      DetectorHarness parts = harness();
      parts.replay(lines().subList(0, cut));
      parts.replay(lines().subList(cut, lines().size()));

      assertThat(summary(parts))
          .as("reports where it was stopped before line %s", cut + 1)
          .isEqualTo(summary(whole));
    }
  }

  @Test
  void itSurvivesMalformedInput() throws Exception {
    try (DetectorHarness harness = harness().start()) {
      harness.feed(GARBAGE.toArray(String[]::new));
      harness.feed(
          lines().stream()
              .map(line -> line.substring(0, line.length() / 2))
              .toArray(String[]::new));

      assertThat(harness.running()).isTrue();
      assertThat(harness.fault()).isEqualTo(Optional.empty());
    }
  }

  @Test
  void itSurvivesRefusedReports() {
    DetectorHarness harness = harness().refusing(true);

    assertThatCode(() -> harness.replay(lines())).doesNotThrowAnyException();
  }

  @Test
  void itSurvivesASnapshotOfAnotherVersion() {
    DetectorHarness harness =
        harness().saved("no snapshot of its own".getBytes(StandardCharsets.UTF_8));

    assertThatCode(() -> harness.replay(lines())).doesNotThrowAnyException();
  }

  @Test
  void itsClassesCanBeUnloadedAfterItStopped() throws Exception {
    Isolated.assertCollectable(
        detector().getClass(),
        Detector.class,
        made -> {
          try (DetectorHarness harness =
              DetectorHarness.of(() -> made, directory).settings(settings()).start()) {
            harness.feed(lines().toArray(String[]::new));
          }
        });
  }

  private DetectorHarness harness() {
    return DetectorHarness.of(this::detector, directory).settings(settings());
  }

  private static List<String> summary(DetectorHarness harness) {
    return harness.detections().stream().map(DetectorContract::line).toList();
  }

  private static String line(Detection detection) {
    return detection.indicator().value()
        + " "
        + detection.threatType()
        + " "
        + detection.severity()
        + " "
        + detection.count().orElse(1);
  }
}
