package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.PeerId;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerNamesTest {
  @Test
  void aNodeIsNamedByItsIdAndAPlainHostByItsAddress() {
    PeerId node = new PeerId.Node(new NodeId("ab".repeat(32)));
    PeerId host = new PeerId.PlainHost("203.0.113.61");
    assertThat(PeerNames.parse("ab".repeat(32))).isEqualTo(node);
    assertThat(PeerNames.parse("203.0.113.61")).isEqualTo(host);
    assertThat(List.of(PeerNames.of(node), PeerNames.of(host)))
        .containsExactly("ab".repeat(32), "203.0.113.61");
  }

  @Test
  void whatIsNeitherIsToldInOneLine() {
    for (String wrong :
        List.of(
            "",
            "ab",
            "AB".repeat(32),
            "ip:203.0.113.61",
            "203.0.113",
            "203.0.113.061",
            "mesh.example.org",
            "203.0.113.61:9001",
            "'; DROP TABLE peer; --",
            "\n")) {
      assertThatThrownBy(() -> PeerNames.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("node id")
          .message()
          .doesNotContain("\n");
    }
  }
}
