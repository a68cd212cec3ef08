package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LimitsTest {
  @Test
  void defaultsAreThoseOfTheProtocol() throws IOException {
    Limits limits = Limits.from(ConfigFactory.empty());
    assertThat(limits.transport().firstByte()).isEqualTo(Duration.ofSeconds(5));
    assertThat(limits.link().eventsPerSecond()).isEqualTo(2_000);
    assertThat(limits.link().bytesBurst()).isEqualTo(8 * 1024 * 1024);
    assertThat(limits.reporters().burst()).isEqualTo(200);
    assertThat(limits.mesh(true).pingAfter()).isEqualTo(Duration.ofSeconds(10));
    assertThat(limits.store().retention()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void aReportersPaceIsBelowWhatPeersAdmit() throws IOException {
    Limits limits = Limits.from(ConfigFactory.empty());
    assertThat(limits.link().reporterPerSecond()).isLessThan(limits.reporters().perSecond());
    assertThat(limits.link().reporterBurst()).isLessThan(limits.reporters().burst());
  }

  @Test
  void oneValueMayBeChangedAlone() throws IOException {
    Limits limits = Limits.from(ConfigFactory.parseString("limits.link.bytes-per-second = 64 MiB"));
    assertThat(limits.link().bytesPerSecond()).isEqualTo(64 * 1024 * 1024);
    assertThat(limits.link().eventsPerSecond()).isEqualTo(2_000);
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestKnownOne() {
    assertThatThrownBy(
            () -> Limits.from(ConfigFactory.parseString("limits.link.event-per-second = 5")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("limits.link.event-per-second")
        .hasMessageContaining("did you mean events-per-second?");
  }

  @Test
  void aNodeIdThatIsNoneIsNamed() {
    assertThatThrownBy(
            () ->
                Limits.from(ConfigFactory.parseString("mesh.amber-peers = [ \"nobody\" ]"))
                    .mesh(true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mesh.amber-peers")
        .hasMessageContaining("64 lower-case hexadecimal digits");
  }
}
