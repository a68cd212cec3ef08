package io.cyphermesh.bench.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir private Path folder;

  @Test
  void everySignedEventVerifiesAndNoTwoAreTheSame() throws Exception {
    Rsa rsa = Rsa.fastest();
    Shape shape = Shape.of(40, 0, 2, 3, 2);
    List<NodeIdentity> reporters = Keys.open(folder, "reporter", 3, rsa);
    SignedLoad load = SignedLoad.of(folder.resolve("load"), shape, reporters, NOW);

    EventVerifier verifier = new EventVerifier(rsa);
    Set<String> ids = new HashSet<>();
    int withoutDetails = 0;
    try (DataInputStream in = new DataInputStream(Files.newInputStream(load.file()))) {
      for (int i = 0; i < shape.total(); i++) {
        byte[] content = new byte[in.readInt()];
        in.readFully(content);
        SignedEvent event = ((Message.Event) FrameCodec.decode(content).message()).event();
        assertThat(verifier.check(event)).isEqualTo(EventVerifier.Finding.FULL);
        withoutDetails += event.details().isEmpty() ? 1 : 0;
        ids.add(event.claimedId().hex());
      }
      assertThat(in.read()).isNegative();
    }
    assertThat(ids).hasSize(shape.total());
    assertThat(withoutDetails).isEqualTo(shape.total() / 5);
    assertThat(load.ends()).hasSize(shape.phases() * shape.links()).isSorted();
  }

  @Test
  void aKeptFileIsTakenAgainUntilItIsTooOld() throws Exception {
    Shape shape = Shape.of(10, 0, 1, 1, 1);
    List<NodeIdentity> reporters = Keys.open(folder, "reporter", 1, Rsa.fastest());
    Instant now = Instant.now();
    assertThat(SignedLoad.of(folder, shape, reporters, now).signed()).isPositive();
    assertThat(SignedLoad.of(folder, shape, reporters, now).signed()).isZero();
    assertThat(SignedLoad.of(folder, shape, reporters, now.plus(Duration.ofDays(1))).signed())
        .isPositive();
  }

  @Test
  void phasesCoverAllEventsOnce() {
    Shape shape = Shape.of(1001, 0, 4, 50, 4);
    int next = 0;
    for (int phase = 0; phase < shape.phases(); phase++) {
      assertThat(shape.first(phase)).isEqualTo(next);
      next += shape.events(phase);
    }
    assertThat(next).isEqualTo(1001).isEqualTo(shape.total());
    assertThatThrownBy(() -> Shape.of(10, 0, 1, 2, 3)).hasMessageContaining("reporters");
  }

  @Test
  void cpuTimeIsTakenByThreadAndWhatEndedIsNotLost() throws Exception {
    CpuTimes before = new CpuTimes(Map.of(1L, new CpuTimes.Used("mesh", 5)), 1000);
    CpuTimes after =
        new CpuTimes(
            Map.of(1L, new CpuTimes.Used("mesh", 25), 2L, new CpuTimes.Used("verify-1", 30)), 1100);
    assertThat(after.since(before))
        .isEqualTo(Map.of(Stage.MESH, 20L, Stage.VERIFY, 30L, Stage.OTHER, 50L));
    assertThat(CpuTimes.total("7 (a) b (c) S 1 1 1 0 -1 0 0 0 0 0 12 3 0 0 20 0 1 0 9"))
        .isEqualTo(150_000_000L);
    assertThat(CpuTimes.of(ProcessHandle.current().pid()).threads()).isNotEmpty();
  }

  @Test
  void opensslsOwnFormIsRead() {
    assertThat(OpenSsl.parse("+DTP:2048:private:rsa:3\n+F2:2:2048:1139.0:38239.393939\n"))
        .contains(38239.393939);
    assertThat(OpenSsl.parse("+F2:2:2048:1:2:3:4")).contains(2.0);
    assertThat(OpenSsl.parse("nothing")).isEmpty();
  }
}
