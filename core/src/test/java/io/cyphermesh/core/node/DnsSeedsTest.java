package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.protocol.IpText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

class DnsSeedsTest {
  private final List<String> asked = new ArrayList<>();
  private final List<HostPort> found = new ArrayList<>();
  private List<InetAddress> answer = addresses("20.1.0.1", "2001:db8::1");
  private int links;

  private static List<InetAddress> addresses(String... texts) {
    return List.of(texts).stream().map(text -> IpText.parse(text).orElseThrow()).toList();
  }

  private DnsSeeds seeds(String... names) {
    return new DnsSeeds(
        List.of(names).stream().map(HostPort::parse).toList(),
        host -> {
          asked.add(host);
          if (host.startsWith("unknown")) {
            throw new UnknownHostException(host);
          }
          return answer;
        },
        () -> links,
        found::add,
        Duration.ZERO,
        NOPLogger.NOP_LOGGER);
  }

  @Test
  void theAddressesOfASeedAreFoundAtItsPort() {
    seeds("a.example:9001").lookAtStart();
    assertThat(found)
        .containsExactly(new HostPort("20.1.0.1", 9001), new HostPort("2001:db8::1", 9001));
  }

  @Test
  void anUnknownSeedDoesNotKeepFromTheNext() {
    seeds("unknown.example:1", "b.example:9002").lookAtStart();
    assertThat(asked).containsExactly("unknown.example", "b.example");
    assertThat(found).extracting(HostPort::port).containsOnly(9002);
  }

  @Test
  void atTheStartFourLinksAreEnough() {
    links = 4;
    seeds("a.example:9001").lookAtStart();
    assertThat(asked).isEmpty();
    links = 3;
    seeds("a.example:9001").lookAtStart();
    assertThat(asked).hasSize(1);
  }

  @Test
  void laterOneLinkIsEnough() {
    links = 1;
    seeds("a.example:9001").lookAgain();
    assertThat(asked).isEmpty();
    links = 0;
    seeds("a.example:9001").lookAgain();
    assertThat(asked).hasSize(1);
  }

  @Test
  void aSeedNamesThirtyTwoAddressesAtMost() {
    answer =
        IntStream.range(0, 200).mapToObj(i -> IpText.parse("20.1.0." + i).orElseThrow()).toList();
    seeds("a.example:9001").lookAtStart();
    assertThat(found).hasSize(32);
  }

  @Test
  void noSeedLeadsToOneself() {
    answer = addresses("127.0.0.1", "::1", "0.0.0.0", "169.254.0.1", "224.0.0.1", "10.0.0.1");
    seeds("a.example:9001").lookAtStart();
    assertThat(found).containsExactly(new HostPort("10.0.0.1", 9001));
  }

  @Test
  void itsThreadAsksAndEndsWhenClosed() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    try (DnsSeeds seeds =
        new DnsSeeds(
            List.of(new HostPort("a.example", 9001)),
            _ -> addresses("20.1.0.1"),
            () -> 0,
            _ -> told.countDown(),
            Duration.ZERO,
            NOPLogger.NOP_LOGGER)) {
      seeds.start();
      assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void byDefaultNoSeedIsNamed() throws Exception {
    assertThat(Limits.from(ConfigFactory.empty()).dnsSeeds()).isEmpty();
  }

  @Test
  void theirPortIsThatOfNodesWhereNoneIsNamed() throws Exception {
    assertThat(read("a.example", "b.example:7"))
        .containsExactly(new HostPort("a.example", 9001), new HostPort("b.example", 7));
  }

  @Test
  void aWrongSeedIsRefusedInOneLine() {
    for (String wrong : List.of("", "a b", "a:b", "a:0", "a:70000", "::1", "x/y")) {
      assertThatThrownBy(() -> read("a.example", wrong))
          .isInstanceOf(IOException.class)
          .message()
          .startsWith("network ")
          .contains("dns-seeds: '" + wrong + "' is not HOST or HOST:PORT")
          .doesNotContain("\n");
    }
  }

  private static List<HostPort> read(String... seeds) throws IOException {
    return Limits.from(
            ConfigFactory.empty()
                .withValue(
                    "network.dns-seeds",
                    com.typesafe.config.ConfigValueFactory.fromIterable(List.of(seeds))))
        .dnsSeeds();
  }
}
