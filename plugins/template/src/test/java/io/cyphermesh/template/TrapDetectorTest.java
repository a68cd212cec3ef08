package io.cyphermesh.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Detector;
import io.cyphermesh.testkit.DetectorContract;
import io.cyphermesh.testkit.DetectorHarness;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrapDetectorTest extends DetectorContract {
  @TempDir Path directory;

  @Override
  protected Detector detector() {
    return new TrapDetector();
  }

  @Override
  protected List<String> lines() {
    return List.of(request("203.0.113.7", "/.env"), request("198.51.100.4", "/"));
  }

  @Test
  void whoAsksForATrapIsReported() throws Exception {
    DetectorHarness harness = DetectorHarness.of(TrapDetector::new, directory);

    harness.replay(request("203.0.113.7", "/wp-login.php"), request("203.0.113.8", "/index.html"));

    assertThat(harness.detections())
        .singleElement()
        .satisfies(
            detection -> {
              assertThat(detection.indicator().value()).isEqualTo("203.0.113.7");
              assertThat(detection.description()).contains("Asked for /wp-login.php");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.168.1.20", "127.0.0.1", "::1", "fd00::20", "203.0.113.777"})
  void whoHasAnAddressThatMeansNothingElsewhereIsNotReported(String address) throws Exception {
    DetectorHarness harness = DetectorHarness.of(TrapDetector::new, directory);

    harness.replay(request(address, "/wp-login.php"));

    assertThat(harness.detections()).isEmpty();
  }

  private static String request(String address, String path) {
    return address
        + " - - [01/Jan/2026:12:00:00 +0000] \"GET "
        + path
        + " HTTP/1.1\" 404 153 \"-\" \"scanner\"";
  }
}
