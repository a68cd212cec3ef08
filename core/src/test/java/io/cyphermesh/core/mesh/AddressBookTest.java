package io.cyphermesh.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.DialPolicy;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBookTest {
  private static final long SEED = 7;
  private static final long MINUTE = 60_000_000_000L;
  private static final Taken NOBODY = new Taken(Set.of(), Set.of(), Set.of());

  private final SplittableRandom random = new SplittableRandom(SEED);
  private AddressBook book = book(BookSize.DEFAULTS);
  private long now = 1;

  private AddressBook book(BookSize size) {
    return new AddressBook(Net.SETTINGS, Netgroups.DEFAULTS, size, random.split());
  }

  /** A key of the right shape that nobody has: the book checks no signatures. */
  private ReporterKey key() {
    byte[] der = new byte[ReporterKey.DER_BYTES];
    random.nextBytes(der);
    byte[] head =
        HexFormat.of()
            .parseHex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100");
    System.arraycopy(head, 0, der, 0, head.length);
    System.arraycopy(HexFormat.of().parseHex("0203010001"), 0, der, der.length - 5, 5);
    der[head.length] |= (byte) 0x80;
    der[der.length - 6] |= 1;
    return ReporterKey.ofDer(der).orElseThrow();
  }

  private PeerRecord record(String host) {
    return record(key(), host, 1);
  }

  private static PeerRecord record(ReporterKey key, String host, long seq) {
    return new PeerRecord(at(host), key, seq, new byte[256]);
  }

  private static HostPort at(String host) {
    return new HostPort(host, 9001);
  }

  private static Netgroup group(String host) {
    return Netgroups.DEFAULTS.of(at(host));
  }

  private static Set<HostPort> held(AddressBook book) {
    return book.unlinked(Set.of(), Set.of()).stream()
        .map(MeshSnapshot.AddressState::address)
        .collect(Collectors.toCollection(() -> new TreeSet<>(AddressBook.ORDER)));
  }

  private void told(String host) {
    assertThat(book.learn(record(host), false, group("192.0.2.1"))).isNotNull();
  }

  private NodeId met(String host) {
    NodeId node = key().nodeId();
    book.succeeded(at(host), node);
    book.left(at(host), now);
    return node;
  }

  private void later() {
    now += 10 * MINUTE;
  }

  private boolean isTried(String host) {
    later();
    return book.pick(now, NOBODY, c -> c.address().equals(at(host))).orElseThrow().tried();
  }

  // ---- crowds

  private static boolean isSybil(HostPort address) {
    return address.host().startsWith("66.");
  }

  private void honest(int count, List<HostPort> all) {
    // 250 networks, told of by the nodes of 40 others.
    for (int i = 0; i < count; i++) {
      String host = "%d.%d.%d.7".formatted(20 + i % 25, i / 25 % 10, i / 250);
      all.add(at(host));
      book.learn(record(host), false, group("150.%d.0.1".formatted(i % 40)));
    }
  }

  private void sybils(int count) {
    for (int i = 0; i < count; i++) {
      String host = "66.%d.%d.%d".formatted(i % 4, i / 4 / 250, i / 4 % 250);
      // They tell of each other, and honest nodes pass some of it on.
      String teller = i % 3 == 0 ? "150.%d.0.1".formatted(i % 40) : "66.%d.0.1".formatted(i % 4);
      book.learn(record(host), false, group(teller));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void tenThousandSybilsInFourNetworksDoNotPushOutAThousandHonestNodes(int order) {
    List<HostPort> honest = new ArrayList<>();
    if (order == 0) {
      honest(1_000, honest);
      sybils(10_000);
    } else if (order == 1) {
      sybils(10_000);
      honest(1_000, honest);
    } else {
      for (int round = 0; round < 3; round++) {
        sybils(10_000);
        honest(1_000, honest);
      }
    }
    Set<HostPort> held = held(book);
    assertThat(held).hasSizeLessThanOrEqualTo(BookSize.DEFAULTS.fresh());
    long kept = honest.stream().distinct().filter(held::contains).count();
    assertThat(kept).as("honest addresses of 1,000, seed %d", SEED).isGreaterThanOrEqualTo(950);
    long pickedSybils = 0;
    for (int i = 0; i < 10_000; i++) {
      pickedSybils += isSybil(book.pick(now, NOBODY, _ -> true).orElseThrow().address()) ? 1 : 0;
    }
    // 4 networks of 254.
    assertThat(pickedSybils / 10_000.0).isLessThan(0.025);
  }

  @Test
  void whoeverTellsOfManyNetworksReachesFewBuckets() {
    for (int i = 0; i < 10_000; i++) {
      book.learn(record("%d.%d.0.1".formatted(20 + i / 250, i % 250)), false, group("66.1.0.1"));
    }
    assertThat(held(book)).hasSizeLessThanOrEqualTo(8 * 32);
  }

  @Test
  void whatOneTellerFilledGivesWayToOthers() {
    book = book(new BookSize(100, 10));
    for (int i = 0; i < 500; i++) {
      book.learn(record("%d.%d.0.1".formatted(66 + i / 250, i % 250)), false, group("66.1.0.1"));
    }
    for (int i = 0; i < 40; i++) {
      book.learn(record("%d.0.0.1".formatted(20 + i)), false, group("150.%d.0.1".formatted(i)));
    }
    assertThat(held(book).stream().filter(a -> a.host().endsWith(".0.0.1")).count())
        .isGreaterThanOrEqualTo(40);
  }

  @Test
  void everyNetworkHasOneVoiceHoweverManyAddressesItHas() {
    for (int i = 0; i < 30; i++) {
      told("20.1.0." + i);
    }
    told("21.1.0.1");
    told("2001:db8::1");
    Map<Netgroup, Integer> picked = new HashMap<>();
    for (int i = 0; i < 3_000; i++) {
      picked.merge(book.pick(now, NOBODY, _ -> true).orElseThrow().group(), 1, Integer::sum);
    }
    assertThat(picked).hasSize(3);
    assertThat(picked.values()).allSatisfy(n -> assertThat(n).isBetween(880, 1_120));
  }

  @Test
  void privateAddressesAreNetworksOfTheirOwn() {
    for (int i = 0; i < 100; i++) {
      assertThat(book.learn(record("10.0.0." + i), true, group("10.0.0.250"))).isNotNull();
    }
    assertThat(held(book)).hasSize(100);
  }

  @Test
  void triedAndFreshOnesAreChosenByEvenOdds() {
    for (int i = 0; i < 100; i++) {
      told(20 + i + ".1.0.1");
    }
    met("150.1.0.1");
    later();
    long tried = 0;
    for (int i = 0; i < 2_000; i++) {
      tried += book.pick(now, NOBODY, _ -> true).orElseThrow().tried() ? 1 : 0;
    }
    assertThat(tried).isBetween(880L, 1_120L);
  }

  // ---- whom to dial

  @Test
  void nobodyIsPickedWhoIsLinkedIgnoredOrDialled() {
    PeerRecord linked = record("20.1.0.1");
    PeerRecord ignored = record("21.1.0.1");
    for (PeerRecord each : List.of(linked, ignored, record("22.1.0.1"))) {
      book.learn(each, false, group("192.0.2.1"));
    }
    book.dial(at("22.1.0.1"));
    Taken taken = new Taken(Set.of(), Set.of(linked.nodeId()), Set.of(ignored.nodeId()));
    assertThat(book.pick(now, taken, _ -> true)).isEmpty();
  }

  @Test
  void afterAFailedDialAnAddressRests() {
    told("20.1.0.1");
    book.dial(at("20.1.0.1"));
    book.failed(at("20.1.0.1"), "nobody", false, now);
    assertThat(book.pick(now, NOBODY, _ -> true)).isEmpty();
    now += 2_000_000_000L;
    assertThat(book.pick(now, NOBODY, _ -> true)).isPresent();
  }

  @Test
  void whoMissesTenTimesWhileOthersAreThereIsForgotten() {
    told("20.1.0.1");
    for (int i = 0; i < 10; i++) {
      met("30.1.0.1");
      book.failed(at("20.1.0.1"), "nobody", false, now);
    }
    assertThat(held(book)).containsExactly(at("30.1.0.1"));
  }

  @Test
  void aNetworkThatIsDownMakesNobodyForgotten() {
    told("20.1.0.1");
    for (int i = 0; i < 1_000; i++) {
      book.failed(at("20.1.0.1"), "no way", false, now);
    }
    assertThat(held(book)).containsExactly(at("20.1.0.1"));
  }

  @Test
  void aFeelerIsAFreshAddressAndATriedOneOnceItCameUp() {
    met("20.1.0.1");
    told("21.1.0.1");
    later();
    Candidate felt = book.feeler(now, NOBODY).orElseThrow();
    assertThat(felt.address()).isEqualTo(at("21.1.0.1"));
    assertThat(felt.tried()).isFalse();
    met("21.1.0.1");
    assertThat(isTried("21.1.0.1")).isTrue();
    assertThat(book.feeler(now, NOBODY)).isEmpty();
  }

  @Test
  void aLinkThatWeEndedIsNoFailure() {
    met("20.1.0.1");
    assertThat(book.pick(now, NOBODY, _ -> true)).isEmpty();
    now += 2_000_000_000L;
    assertThat(book.pick(now, NOBODY, _ -> true)).isPresent();
  }

  /** Two tried ones fill the table; a third one waits. */
  private void challenge() {
    book = book(new BookSize(64, 2));
    met("20.1.0.1");
    met("21.1.0.1");
    told("22.1.0.1");
    met("22.1.0.1");
    assertThat(isTried("22.1.0.1")).isFalse();
  }

  @Test
  void anIncumbentIsDialledBeforeItGivesWay() {
    challenge();
    Candidate incumbent = book.feeler(now, NOBODY).orElseThrow();
    assertThat(incumbent.tried()).isTrue();
    book.dial(incumbent.address());
    book.failed(incumbent.address(), "nobody", false, now);
    assertThat(isTried("22.1.0.1")).isTrue();
    assertThat(isTried(incumbent.address().host())).isFalse();
  }

  @Test
  void anIncumbentThatAnswersStays() {
    challenge();
    Candidate incumbent = book.feeler(now, NOBODY).orElseThrow();
    book.dial(incumbent.address());
    met(incumbent.address().host());
    later();
    assertThat(isTried(incumbent.address().host())).isTrue();
    assertThat(isTried("22.1.0.1")).isFalse();
    assertThat(book.feeler(now, NOBODY)).isEmpty();
  }

  @Test
  void anIncumbentThatIsLinkedNeedsNoTest() {
    challenge();
    Set<HostPort> all = new TreeSet<>(AddressBook.ORDER);
    all.addAll(List.of(at("20.1.0.1"), at("21.1.0.1")));
    assertThat(book.feeler(now, new Taken(all, Set.of(), Set.of()))).isEmpty();
    assertThat(book.feeler(now, NOBODY)).isEmpty();
  }

  @Test
  void oneNetworkHasFewOfTheTriedPlaces() {
    for (int i = 0; i < 200; i++) {
      met("66.1.0." + i);
    }
    later();
    long tried = book.toRemember().stream().filter(each -> isTried(each.address().host())).count();
    assertThat(tried).isEqualTo(16);
  }

  @Test
  void whatNameServersSayIsDialledForAnybodyButNotPlain() {
    book.add(at("20.1.0.1"), AddressOrigin.DNS, Optional.empty(), now);
    assertThat(book.dial(at("20.1.0.1")).policy()).isEqualTo(new DialPolicy.AnyNode());
  }

  @Test
  void whatNameServersSayAgainEndsNoPause() {
    book.add(at("20.1.0.1"), AddressOrigin.DNS, Optional.empty(), now);
    book.failed(at("20.1.0.1"), "it is this node itself", true, now);
    book.add(at("20.1.0.1"), AddressOrigin.DNS, Optional.empty(), now);
    later();
    assertThat(book.pick(now, NOBODY, _ -> true)).isEmpty();
  }

  @Test
  void ownAddressesAreShownToTheOperatorWhoNamedThem() {
    book.add(at("20.1.0.1"), AddressOrigin.DNS, Optional.empty(), now);
    book.add(at("20.1.0.2"), AddressOrigin.OPERATOR, Optional.empty(), now);
    book.failed(at("20.1.0.1"), "it is this node itself", true, now);
    book.failed(at("20.1.0.2"), "it is this node itself", true, now);
    assertThat(book.unlinked(Set.of(), Set.of()))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.address()).isEqualTo(at("20.1.0.2"));
              assertThat(each.lastError()).contains("it is this node itself");
            });
  }

  @Test
  void whatIsForgottenIsAsIfNobodyHadNamedIt() {
    told("20.1.0.1");
    book.add(at("20.1.0.2"), AddressOrigin.OPERATOR, Optional.empty(), now);
    book.forget(at("20.1.0.1"));
    book.forget(at("20.1.0.2"));
    book.forget(at("20.1.0.3"));
    assertThat(held(book)).isEmpty();
    assertThat(book.toRemember()).isEmpty();
    assertThat(book.hasOperators()).isFalse();
    assertThat(book.pick(now, NOBODY, _ -> true)).isEmpty();
    book.add(at("20.1.0.2"), AddressOrigin.OPERATOR, Optional.empty(), now);
    assertThat(held(book)).containsExactly(at("20.1.0.2"));
  }

  // ---- records

  @Test
  void aNodesNewerRecordTakesThePlaceOfTheOlder() {
    ReporterKey node = key();
    book.learn(record(node, "20.1.0.1", 1), false, group("192.0.2.1"));
    book.learn(record(node, "21.1.0.1", 2), false, group("192.0.2.1"));
    assertThat(held(book)).containsExactly(at("21.1.0.1"));
    assertThat(book.learn(record(node, "20.1.0.1", 1), false, group("192.0.2.1"))).isNull();
    assertThat(book.record(node.nodeId(), false).orElseThrow().address()).isEqualTo(at("21.1.0.1"));
  }

  @Test
  void whereANodeWasMetItIsLookedForOnceMoreThoughItMoved() {
    ReporterKey node = key();
    book.learn(record(node, "20.1.0.1", 1), false, group("192.0.2.1"));
    book.succeeded(at("20.1.0.1"), node.nodeId());
    book.learn(record(node, "21.1.0.1", 2), false, group("192.0.2.1"));
    assertThat(held(book)).containsExactly(at("20.1.0.1"), at("21.1.0.1"));
    assertThat(book.sample(10, false)).hasSize(1);
    book.failed(at("20.1.0.1"), "nobody", false, now);
    assertThat(held(book)).containsExactly(at("21.1.0.1"));
  }

  @Test
  void aNodeMayHaveAnAddressOfEitherFamily() {
    ReporterKey node = key();
    book.learn(record(node, "20.1.0.1", 1), false, group("192.0.2.1"));
    book.learn(record(node, "2001:db8::1", 2), false, group("192.0.2.1"));
    assertThat(held(book)).hasSize(2);
  }

  @Test
  void oneKeyHasFewAddresses() {
    ReporterKey node = key();
    for (int i = 0; i < 100; i++) {
      book.learn(record(node, 20 + i + ".1.0.1", 1), false, group("192.0.2.1"));
    }
    assertThat(held(book)).hasSize(4);
  }

  @Test
  void whereAnotherNodeIsMetItsRecordIsToldNoMore() {
    told("20.1.0.1");
    assertThat(book.sample(10, false)).hasSize(1);
    met("20.1.0.1");
    assertThat(book.sample(10, false)).isEmpty();
  }

  @Test
  void privateRecordsAreSampledForPrivateLinksOnly() {
    PeerRecord record = record("10.0.0.1");
    book.learn(record, true, group("10.0.0.2"));
    assertThat(book.sample(10, false)).isEmpty();
    assertThat(book.record(record.nodeId(), false)).isEmpty();
    assertThat(book.sample(10, true)).containsExactly(record);
    assertThat(book.record(record.nodeId(), true)).contains(record);
  }

  // ---- restarts

  private AddressBook restarted() {
    AddressBook next = book(BookSize.DEFAULTS);
    book.toRemember().forEach(each -> next.recall(each, now));
    return next;
  }

  @Test
  void aRestartKeepsRecordsTriedAddressesAndAnchors() {
    PeerRecord known = record("20.1.0.1");
    book.learn(known, false, group("66.1.0.1"));
    NodeId node = met("21.1.0.1");
    book.anchor(Set.of(at("21.1.0.1")));
    book = restarted();
    assertThat(book.record(known.nodeId(), false)).contains(known);
    assertThat(book.anchors(now, NOBODY))
        .containsExactly(new Candidate(at("21.1.0.1"), Optional.of(node), group("21.1.0.1"), true));
    assertThat(book.toRemember())
        .filteredOn(each -> each.address().equals(at("20.1.0.1")))
        .singleElement()
        .matches(each -> each.source().equals(Optional.of(group("66.1.0.1").text())));
  }

  @Test
  void aRestartGivesNobodyMorePlaces() {
    for (int i = 0; i < 10_000; i++) {
      book.learn(record("%d.%d.0.1".formatted(20 + i / 250, i % 250)), false, group("66.1.0.1"));
    }
    int before = held(book).size();
    book = restarted();
    for (int i = 0; i < 10_000; i++) {
      book.learn(record("%d.%d.0.2".formatted(20 + i / 250, i % 250)), false, group("66.1.0.1"));
    }
    assertThat(before).isPositive();
    assertThat(held(book)).hasSizeLessThanOrEqualTo(8 * 32);
  }

  @Test
  void theOperatorsAddressesAndWhatNobodyMetAreNotRemembered() {
    book.add(at("20.1.0.1"), AddressOrigin.OPERATOR, Optional.empty(), now);
    book.add(at("10.0.0.1"), AddressOrigin.LAN, Optional.empty(), now);
    book.add(at("21.1.0.1"), AddressOrigin.DNS, Optional.empty(), now);
    assertThat(book.toRemember()).isEmpty();
    met("20.1.0.1");
    assertThat(book.toRemember()).extracting(Remembered::address).containsExactly(at("20.1.0.1"));
    assertThat(book.toRemember()).isEmpty();
  }

  @Test
  void anAnchorMayBeTheOperators() {
    book.add(at("20.1.0.1"), AddressOrigin.OPERATOR, Optional.empty(), now);
    book.anchor(Set.of(at("20.1.0.1")));
    book = restarted();
    assertThat(book.anchors(now, NOBODY)).hasSize(1);
    assertThat(book.dueOperators(now, NOBODY)).hasSize(1);
  }

  // ---- networks

  @Test
  void networksAreAsLongAsTheirPrefixes() {
    Netgroups narrow = new Netgroups(24, 48);
    assertThat(group("20.1.2.3")).isEqualTo(group("20.1.9.9")).isNotEqualTo(group("20.2.2.3"));
    assertThat(group("2001:db8:1::1"))
        .isEqualTo(group("2001:db8:2::1"))
        .isNotEqualTo(group("2001:db9::1"));
    assertThat(narrow.of(at("20.1.2.3"))).isNotEqualTo(narrow.of(at("20.1.9.9")));
    assertThat(narrow.of(at("2001:db8:1::1"))).isNotEqualTo(narrow.of(at("2001:db8:2::1")));
    assertThat(new Netgroups(0, 0).of(at("20.1.2.3")))
        .isEqualTo(new Netgroups(0, 0).of(at("99.1.2.3")));
  }

  @Test
  void exemptAddressesAreNetworksOfTheirOwn() {
    for (String host : List.of("10.0.0.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "fd00::1")) {
      assertThat(Netgroups.exempt(host)).isTrue();
      assertThat(Netgroups.DEFAULTS.of(new HostPort(host, 1)))
          .isNotEqualTo(Netgroups.DEFAULTS.of(new HostPort(host, 2)));
    }
    assertThat(Netgroups.exempt("20.1.2.3")).isFalse();
  }

  @Test
  void aNetworksTextIsReadBack() {
    for (String host : List.of("20.1.2.3", "10.0.0.1", "2001:db8::1", "fd00::1", "a.example")) {
      assertThat(Netgroup.parse(group(host).text())).contains(group(host));
    }
    for (String wrong :
        Arrays.asList("", "x", "0/1", "g".repeat(32) + "/1", "0".repeat(32) + "/")) {
      assertThat(Netgroup.parse(wrong)).isEmpty();
    }
  }
}
