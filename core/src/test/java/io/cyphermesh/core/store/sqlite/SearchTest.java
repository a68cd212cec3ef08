package io.cyphermesh.core.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.IpRange;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Severity;
import io.cyphermesh.api.Tlp;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventSearch;
import io.cyphermesh.core.store.EventStore.Imported;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import io.cyphermesh.core.store.StoreSettings;
import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorSort;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.RelatedView.Sighting;
import io.cyphermesh.core.view.SortOrder;
import io.cyphermesh.core.view.Span;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches, compared with a look at every event. */
class SearchTest {
  private static final List<String> TYPES = List.of("ssh-bruteforce", "port-scan", "sqli", "c2");
  private static final List<String> SEVERITIES =
      List.of("low", "medium", "high", "critical", "dreadful");
  private static final List<String> SOURCES =
      List.of(
          "203.0.113.1",
          "203.0.113.2",
          "203.0.113.250",
          "203.0.114.1",
          "198.51.100.7",
          "2001:db8::1",
          "2001:db8:1::1",
          "evil.example",
          "x".repeat(300));

  /** As nodes write them, and as others may. */
  private static final List<String> DETECTORS =
      List.of(
          "{\"plugin\": \"log-watcher\", \"rule\": \"sshd\"}",
          "\"suricata\"",
          "{\"rule\": {\"plugin\": \"nor this\"}}");

  private static final int EVENTS = 1_500;

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final Random random = new Random(5);
  private final TestEvents keys = new TestEvents(random);
  private final List<ReporterKey> reporters = Stream.generate(keys::reporter).limit(3).toList();
  private SqliteEventStore store;
  private List<StoredEvent> all;

  @BeforeEach
  void fill() throws Exception {
    store = open();
    for (int i = 0; i < EVENTS / 100; i++) {
      List<Imported> batch = new ArrayList<>();
      for (int j = 0; j < 100; j++) {
        int who = random.nextInt(3);
        batch.add(new Imported(event(who), false, who == 0));
      }
      store.addImported(batch);
      clock.advance(Duration.ofSeconds(60));
    }
    all = new ArrayList<>(store.after(0, 2 * EVENTS));
    all.sort(Comparator.comparingLong(StoredEvent::seq).reversed());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private SqliteEventStore open() throws IOException {
    return SqliteEventStore.open(
        directory.resolve("events.db"),
        StoreSettings.DEFAULTS,
        (reporter, firstSeen, now) -> true,
        clock);
  }

  private SignedEvent event(int who) {
    // Heavy ones first, as in life.
    String source = SOURCES.get((int) (9 * Math.pow(random.nextDouble(), 2)));
    String type = TYPES.get(random.nextInt(4));
    Instant time = clock.instant().minusMillis(random.nextInt(600_000));
    Optional<SignedEvent.Details> details = Optional.empty();
    if (random.nextBoolean()) {
      String tlp = List.of("green", "amber", "clear").get(random.nextInt(3));
      String detector = DETECTORS.get(random.nextInt(3));
      details =
          Optional.of(
              new SignedEvent.Details(
                  "{\"a\": {\"detector\": \"not this\"}, \"description\": \"100% of \\\"root\\\" no "
                      + random.nextInt(20)
                      + "\", \"detector\": "
                      + detector
                      + ", \"tlp\": \""
                      + tlp
                      + "\"}",
                  Optional.of(tlp),
                  false));
    }
    SignedEvent draft =
        new SignedEvent(
            new EventId("0".repeat(64)),
            source,
            type,
            SEVERITIES.get(random.nextInt(5)),
            EventTime.format(time),
            reporters.get(who),
            new byte[SignedEvent.SIGNATURE_BYTES],
            details);
    return draft.withOwnId();
  }

  /** Pages through a search and compares it with what {@code meant} lets through. */
  private void assertFinds(EventFilter filter, Predicate<StoredEvent> meant) {
    List<Long> expected = all.stream().filter(meant).map(StoredEvent::seq).toList();
    for (int limit : List.of(60, 500)) {
      List<Long> found = new ArrayList<>();
      OptionalLong next = OptionalLong.of(Long.MAX_VALUE);
      while (next.isPresent()) {
        EventSearch.Found page = store.search().search(filter, limit, next.getAsLong());
        assertThat(page.events()).hasSizeLessThanOrEqualTo(limit);
        page.events().forEach(each -> found.add(each.seq()));
        next = page.next();
      }
      assertThat(found).as("%s", filter).isEqualTo(expected);
    }
  }

  private static boolean inRange(StoredEvent event, String range) {
    return io.cyphermesh.api.IpAddress.parse(event.event().sourceIp())
        .filter(IpRange.parse(range)::contains)
        .isPresent();
  }

  private static boolean detectedBy(StoredEvent event, String detector) {
    return event
        .event()
        .details()
        .filter(d -> d.json().contains("\", \"detector\": " + detector))
        .isPresent();
  }

  @Test
  void withoutAConditionAllAreFoundNewestFirst() {
    assertFinds(EventFilter.ALL, event -> true);
  }

  @Test
  void anAddressFindsItsEvents() {
    for (String address : List.of("203.0.113.1", "2001:db8::1", "198.51.100.7", "192.0.2.1")) {
      assertFinds(
          EventFilter.ALL.withAddress(IpRange.parse(address)), event -> inRange(event, address));
    }
  }

  @Test
  void aRangeFindsTheEventsOfItsAddresses() {
    for (String range :
        List.of(
            "203.0.113.0/24",
            "203.0.112.0/23",
            "203.0.113.2/31",
            "0.0.0.0/0",
            "2001:db8::/32",
            "2001:db8::/48",
            "10.0.0.0/8")) {
      assertFinds(
          EventFilter.ALL.withAddress(IpRange.parse(range)), event -> inRange(event, range));
    }
  }

  @Test
  void aTypeFindsItsEvents() {
    assertFinds(
        EventFilter.ALL.withType("sqli"), event -> event.event().threatType().equals("sqli"));
    assertFinds(EventFilter.ALL.withType("none"), event -> false);
  }

  @Test
  void severitiesFindTheirEvents() {
    assertFinds(
        EventFilter.ALL.withSeverities(Set.of(Severity.CRITICAL, Severity.UNKNOWN)),
        event -> Set.of("critical", "dreadful").contains(event.event().severity()));
  }

  @Test
  void aReporterFindsItsEventsWhetherOursOrNot() {
    for (ReporterKey reporter : reporters) {
      assertFinds(
          EventFilter.ALL.withReporter(reporter.nodeId()),
          event -> event.event().reporter().equals(reporter));
    }
    assertFinds(EventFilter.ALL.withReporter(new NodeId("0".repeat(64))), event -> false);
  }

  @Test
  void aReporterOfOursAndOthersEventsIsFoundWhole() throws Exception {
    store.addImported(List.of(new Imported(event(0), false, false)));
    all.addFirst(store.newest(1, Long.MAX_VALUE).getFirst());
    assertFinds(
        EventFilter.ALL.withReporter(reporters.getFirst().nodeId()),
        event -> event.event().reporter().equals(reporters.getFirst()));
  }

  @Test
  void aDetectorIsTheOneOfTheOutermostDetails() {
    assertFinds(
        EventFilter.ALL.withDetector("suricata"), event -> detectedBy(event, DETECTORS.get(1)));
    assertFinds(EventFilter.ALL.withDetector("not this"), event -> false);
  }

  @Test
  void aDetectorThatIsAnObjectIsFoundByItsPlugin() {
    assertFinds(
        EventFilter.ALL.withDetector("log-watcher"), event -> detectedBy(event, DETECTORS.get(0)));
    assertFinds(EventFilter.ALL.withDetector("sshd"), event -> false);
    assertFinds(EventFilter.ALL.withDetector("nor this"), event -> false);
  }

  @Test
  void aMarkingFindsItsEventsAndClearThoseWithoutToo() {
    assertFinds(
        EventFilter.ALL.withTlp(Tlp.AMBER),
        event -> event.event().tlp().equals(Optional.of(Tlp.AMBER)));
    assertFinds(
        EventFilter.ALL.withTlp(Tlp.CLEAR),
        event -> event.event().tlp().equals(Optional.of(Tlp.CLEAR)));
  }

  @Test
  void aTimeIsTheEventsOwn() {
    Instant since = clock.instant().minusSeconds(700);
    Instant until = clock.instant().minusSeconds(400);
    assertFinds(
        EventFilter.ALL.between(Optional.of(since), Optional.of(until)),
        event -> !time(event).isBefore(since) && time(event).isBefore(until));
    assertFinds(
        EventFilter.ALL.between(Optional.empty(), Optional.of(until)),
        event -> time(event).isBefore(until));
    assertFinds(
        EventFilter.ALL.between(Optional.of(clock.instant().plusSeconds(90)), Optional.empty()),
        event -> false);
  }

  @Test
  void aTextIsSoughtInSourceTypeAndDescription() {
    assertFinds(
        EventFilter.ALL.withText("EVIL"), event -> event.event().sourceIp().startsWith("evil"));
    assertFinds(
        EventFilter.ALL.withText("scan"), event -> event.event().threatType().equals("port-scan"));
    assertFinds(
        EventFilter.ALL.withText("\"root\" no 7"),
        event -> event.event().details().filter(d -> d.json().contains("no 7\"")).isPresent());
    assertFinds(EventFilter.ALL.withText("100%"), event -> event.event().details().isPresent());
    assertFinds(EventFilter.ALL.withText("1%0"), event -> false);
    assertFinds(EventFilter.ALL.withText("suricata"), event -> false);
  }

  @Test
  void whatIsOursIsFound() {
    assertFinds(EventFilter.ALL.withLocal(true), StoredEvent::local);
    assertFinds(EventFilter.ALL.withLocal(false), event -> !event.local());
  }

  @Test
  void conditionsHoldTogether() {
    assertFinds(
        EventFilter.ALL
            .withAddress(IpRange.parse("203.0.0.0/16"))
            .withType("c2")
            .withSeverities(Set.of(Severity.HIGH))
            .withReporter(reporters.get(1).nodeId())
            .withDetector("log-watcher")
            .withText("root"),
        event ->
            inRange(event, "203.0.0.0/16")
                && event.event().threatType().equals("c2")
                && event.event().severity().equals("high")
                && event.event().reporter().equals(reporters.get(1))
                && detectedBy(event, DETECTORS.get(0)));
  }

  @Test
  void aRareTextStopsAtAPartialPageAndGoesOn() throws Exception {
    for (int i = 0; i < 6; i++) {
      List<Imported> batch = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        batch.add(
            new Imported(
                keys.plain(reporters.get(2), "198.51.100.9", clock.instant()), false, false));
        clock.advance(Duration.ofMillis(1));
      }
      store.addImported(batch);
    }
    EventSearch.Found first =
        store.search().search(EventFilter.ALL.withText("evil"), 10, Long.MAX_VALUE);
    assertThat(first.partial()).isTrue();
    assertThat(first.events()).isEmpty();
    EventSearch.Found second =
        store.search().search(EventFilter.ALL.withText("evil"), 10, first.next().orElseThrow());
    assertThat(second.events()).hasSize(10);
    assertThat(second.partial()).isFalse();
  }

  // ---- indicators

  private Map<String, List<StoredEvent>> bySource() {
    return all.stream().collect(Collectors.groupingBy(event -> event.event().sourceIp()));
  }

  private List<StoredEvent> of(String source) {
    return bySource().getOrDefault(source, List.of());
  }

  private static Instant time(StoredEvent event) {
    return event.event().time().orElseThrow().instant();
  }

  private Instant lastSeen(String source) {
    return of(source).stream().map(SearchTest::time).max(Comparator.naturalOrder()).orElseThrow();
  }

  private List<IndicatorView> indicators(IndicatorSort sort, String text, int limit) {
    return indicators(sort, SortOrder.DESC, text, limit);
  }

  private List<IndicatorView> indicators(
      IndicatorSort sort, SortOrder order, String text, int limit) {
    List<IndicatorView> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      IndicatorPage page = store.search().indicators(sort, order, Optional.of(text), limit, cursor);
      found.addAll(page.indicators());
      cursor = page.next();
    } while (cursor.isPresent());
    return found;
  }

  @Test
  void anIndicatorSaysWhatItsEventsSay() {
    List<IndicatorView> found = indicators(IndicatorSort.EVENTS, "", 50);
    assertThat(found).hasSize(SOURCES.size());
    for (IndicatorView each : found) {
      List<StoredEvent> events = of(each.value());
      assertThat(each.events()).isEqualTo(events.size());
      assertThat(each.reporters())
          .isEqualTo(events.stream().map(event -> event.event().reporter()).distinct().count());
      assertThat(each.severity()).isEqualTo(Severity.CRITICAL);
      assertThat(each.types()).isSubsetOf(TYPES).doesNotHaveDuplicates();
      assertThat(each.firstSeen())
          .isEqualTo(events.stream().map(SearchTest::time).min(Comparator.naturalOrder()).get());
      assertThat(each.lastSeen()).isEqualTo(lastSeen(each.value()));
      assertThat(store.search().indicator(each.value())).contains(each);
    }
  }

  @Test
  void indicatorsAreSortedAndPagedByEach() {
    Map<String, List<StoredEvent>> events = bySource();
    for (int limit : List.of(1, 2, 50)) {
      assertThat(indicators(IndicatorSort.LAST_SEEN, "", limit))
          .extracting(IndicatorView::value)
          .containsExactlyElementsOf(
              events.keySet().stream()
                  .sorted(Comparator.comparing(this::lastSeen).reversed())
                  .toList());
      for (IndicatorSort sort :
          List.of(IndicatorSort.EVENTS, IndicatorSort.REPORTERS, IndicatorSort.SEVERITY)) {
        List<IndicatorView> found = indicators(sort, "", limit);
        assertThat(found).extracting(IndicatorView::value).doesNotHaveDuplicates().hasSize(9);
        if (sort == IndicatorSort.EVENTS) {
          assertThat(found)
              .isSortedAccordingTo(Comparator.comparingLong(IndicatorView::events).reversed());
        }
      }
    }
  }

  @Test
  void ofManyIndicatorsThoseOfFewEventsComeLast() throws Exception {
    for (int i = 0; i < 6; i++) {
      List<Imported> batch = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        batch.add(
            new Imported(
                keys.plain(
                    reporters.get(2), "10." + i + "." + j / 250 + "." + j % 250, clock.instant()),
                false,
                false));
      }
      store.addImported(batch);
    }
    List<IndicatorView> found = indicators(IndicatorSort.EVENTS, "", 450);
    assertThat(found).extracting(IndicatorView::value).doesNotHaveDuplicates().hasSize(6_009);
    assertThat(found.subList(0, 9))
        .isSortedAccordingTo(Comparator.comparingLong(IndicatorView::events).reversed())
        .allMatch(each -> each.events() >= 10);
    assertThat(found.subList(9, 6_009)).allMatch(each -> each.events() == 1);
  }

  @Test
  void upwardsTheLeastComeFirstAndTheNewerOfEqualsBeforeTheOlder() throws Exception {
    Map<IndicatorSort, Comparator<IndicatorView>> by =
        Map.of(
            IndicatorSort.LAST_SEEN, Comparator.comparing(IndicatorView::lastSeen),
            IndicatorSort.EVENTS, Comparator.comparingLong(IndicatorView::events),
            IndicatorSort.REPORTERS, Comparator.comparingLong(IndicatorView::reporters),
            IndicatorSort.SEVERITY, Comparator.comparing(IndicatorView::severity));
    store.addImported(
        Stream.of("192.0.2.1", "192.0.2.2", "192.0.2.3")
            .map(
                each ->
                    new Imported(keys.plain(reporters.get(1), each, clock.instant()), false, false))
            .toList());
    all.addAll(0, store.newest(3, Long.MAX_VALUE));
    for (int limit : List.of(1, 2, 50)) {
      for (IndicatorSort sort : IndicatorSort.values()) {
        List<IndicatorView> found = indicators(sort, SortOrder.ASC, "", limit);
        assertThat(found).extracting(IndicatorView::value).doesNotHaveDuplicates().hasSize(12);
        assertThat(found).isSortedAccordingTo(by.get(sort));
        if (sort != IndicatorSort.LAST_SEEN) {
          assertThat(found)
              .extracting(IndicatorView::value)
              .containsSubsequence("192.0.2.3", "192.0.2.2", "192.0.2.1");
        }
      }
    }
  }

  @Test
  void ofManyIndicatorsTheLeastComeFirstAsWell() throws Exception {
    for (int i = 0; i < 6; i++) {
      List<Imported> batch = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        // One to twelve events each, the heavy ones not only among the old.
        for (int k = 0; k <= j % 4 * (i % 2 == 0 ? 4 : 1) - j % 4 / 3; k++) {
          clock.advance(Duration.ofMillis(1));
          batch.add(
              new Imported(
                  keys.plain(
                      reporters.get(k % 3),
                      "10." + i + "." + j / 250 + "." + j % 250,
                      clock.instant()),
                  false,
                  false));
        }
      }
      store.addImported(batch);
    }
    List<IndicatorView> byEvents = indicators(IndicatorSort.EVENTS, SortOrder.ASC, "", 450);
    assertThat(byEvents).extracting(IndicatorView::value).doesNotHaveDuplicates().hasSize(6_009);
    assertThat(byEvents).isSortedAccordingTo(Comparator.comparingLong(IndicatorView::events));
    List<IndicatorView> byReporters = indicators(IndicatorSort.REPORTERS, SortOrder.ASC, "", 450);
    assertThat(byReporters).extracting(IndicatorView::value).doesNotHaveDuplicates().hasSize(6_009);
    assertThat(byReporters).isSortedAccordingTo(Comparator.comparingLong(IndicatorView::reporters));
    assertThat(indicators(IndicatorSort.LAST_SEEN, SortOrder.ASC, "", 500))
        .extracting(IndicatorView::value)
        .containsExactlyElementsOf(
            indicators(IndicatorSort.LAST_SEEN, SortOrder.DESC, "", 500).reversed().stream()
                .map(IndicatorView::value)
                .toList());
  }

  @Test
  void indicatorsAreFoundByAddressRangeBeginAndPart() {
    for (IndicatorSort sort : IndicatorSort.values()) {
      assertThat(indicators(sort, "203.0.113.0/24", 2)).hasSize(3);
      assertThat(indicators(sort, "203.0.", 3)).hasSize(4);
      assertThat(indicators(sort, "203.0.113", 50)).hasSize(3);
      assertThat(indicators(sort, "2001:db8::1", 50))
          .extracting(IndicatorView::value)
          .containsExactly("2001:db8::1");
      assertThat(indicators(sort, "EXAMPLE", 50))
          .extracting(IndicatorView::value)
          .containsExactly("evil.example");
      assertThat(indicators(sort, "nowhere", 50)).isEmpty();
      assertThat(indicators(sort, SortOrder.ASC, "203.0.", 1)).hasSize(4);
      assertThat(indicators(sort, SortOrder.ASC, "8:1", 50)).hasSize(1);
      assertThat(indicators(sort, SortOrder.ASC, "nowhere", 50)).isEmpty();
    }
  }

  @Test
  void aCursorOfAnotherSortOrOrderIsRefused() {
    String cursor =
        store
            .search()
            .indicators(IndicatorSort.EVENTS, SortOrder.DESC, Optional.empty(), 2, Optional.empty())
            .next()
            .orElseThrow();
    for (String wrong : List.of(cursor, "e", "l-1-1", "' OR 1=1", "")) {
      assertThatThrownBy(
              () ->
                  store
                      .search()
                      .indicators(
                          IndicatorSort.SEVERITY,
                          SortOrder.DESC,
                          Optional.empty(),
                          2,
                          Optional.of(wrong)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () ->
                store
                    .search()
                    .indicators(
                        IndicatorSort.EVENTS,
                        SortOrder.ASC,
                        Optional.empty(),
                        2,
                        Optional.of(cursor)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoElseReportedAnIndicatorIsKnown() {
    Map<String, Long> expected =
        of("203.0.113.1").stream()
            .collect(
                Collectors.groupingBy(
                    event -> event.event().reporter().nodeId().hex(), Collectors.counting()));
    List<Sighting> found = store.search().reporters("203.0.113.1", 10);
    assertThat(found.stream().collect(Collectors.toMap(Sighting::reporterId, Sighting::events)))
        .isEqualTo(expected);
    assertThat(found).isSortedAccordingTo(Comparator.comparingLong(Sighting::events).reversed());
    assertThat(store.search().reporters("192.0.2.1", 10)).isEmpty();
  }

  // ---- statistics

  @Test
  void aTimelineCountsEveryEventOnce() {
    for (Span span : Span.values()) {
      Timeline timeline = store.search().timeline(span, clock.instant());
      assertThat(timeline.buckets()).hasSize((int) span.length().dividedBy(span.bucket()));
      for (int i = 1; i < timeline.buckets().size(); i++) {
        assertThat(timeline.buckets().get(i).start())
            .isEqualTo(timeline.buckets().get(i - 1).start().plus(span.bucket()));
      }
      assertThat(timeline.buckets().getLast().start()).isBeforeOrEqualTo(clock.instant());
      assertThat(timeline.buckets().stream().mapToLong(Timeline.Bucket::events).sum())
          .isEqualTo(EVENTS);
      assertThat(timeline.buckets().stream().mapToLong(Timeline.Bucket::unknown).sum())
          .isEqualTo(count(event -> event.event().severity().equals("dreadful")));
    }
  }

  private long count(Predicate<StoredEvent> meant) {
    return all.stream().filter(meant).count();
  }

  @Test
  void topsAreExactWhereFewEventsAre() {
    TopLists tops = store.search().tops(Span.HOUR, clock.instant(), 3);
    assertThat(tops.events()).isEqualTo(EVENTS);
    assertThat(tops.sampled()).isEqualTo(EVENTS);
    assertThat(tops.sources()).hasSize(3);
    assertThat(tops.sources().getFirst().name()).isEqualTo("203.0.113.1");
    assertThat(tops.sources().getFirst().events()).isEqualTo(of("203.0.113.1").size());
    assertThat(tops.reporters().stream().mapToLong(TopLists.Top::events).sum()).isEqualTo(EVENTS);
    assertThat(tops.types()).hasSize(3);
  }

  @Test
  void topsOfManyEventsAreEstimatedFromSamples() throws Exception {
    for (int i = 0; i < 20; i++) {
      List<Imported> batch = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        String source = j % 4 == 0 ? "192.0.2.1" : "192.0.2." + (2 + random.nextInt(200));
        batch.add(
            new Imported(keys.plain(reporters.get(1), source, clock.instant()), false, false));
        clock.advance(Duration.ofMillis(20));
      }
      store.addImported(batch);
    }
    TopLists tops = store.search().tops(Span.HOUR, clock.instant(), 3);
    assertThat(tops.events()).isEqualTo(EVENTS + 20_000);
    assertThat(tops.sampled()).isBetween(5_000L, 10_000L);
    assertThat(tops.sources().getFirst().name()).isEqualTo("192.0.2.1");
    assertThat(tops.sources().getFirst().events()).isBetween(4_000L, 6_000L);
  }

  // ---- what changes

  private List<String> problems() throws Exception {
    return ProblemList.of(directory.resolve("events.db"));
  }

  @Test
  void whatIsStoredKeepsAllTablesTrue() throws Exception {
    assertThat(problems()).isEmpty();
  }

  @Test
  void whatRetentionDeletesIsDeletedFromEveryTable() throws Exception {
    clock.advance(Duration.ofDays(30).minusSeconds(500));
    await().until(() -> store.counts().stored() < EVENTS);
    clock.advance(Duration.ofMinutes(2));
    await().until(() -> store.counts().stored() < EVENTS / 2);
    store.close();
    assertThat(problems()).isEmpty();
    store = open();
    clock.advance(Duration.ofDays(3));
    await().until(() -> store.counts().stored() == 0);
    store.close();
    assertThat(problems()).isEmpty();
    store = open();
    for (IndicatorSort sort : IndicatorSort.values()) {
      assertThat(indicators(sort, SortOrder.DESC, "", 10)).isEmpty();
      assertThat(indicators(sort, SortOrder.ASC, "", 10)).isEmpty();
    }
    assertThat(store.search().tops(Span.WEEK, clock.instant(), 5).events()).isZero();
  }

  @Test
  void aFullEventTakesThePlaceOfItsBareFormInSearchesToo() throws Exception {
    SignedEvent full = keys.detailed(reporters.get(1), "192.0.2.77", clock.instant());
    store.addImported(List.of(new Imported(full.withoutDetails(), true, false)));
    store.addImported(List.of(new Imported(full, false, false)));
    assertThat(
            store
                .search()
                .search(
                    EventFilter.ALL.withAddress(IpRange.parse("192.0.2.77")), 10, Long.MAX_VALUE)
                .events())
        .hasSize(1);
    assertThat(store.search().indicator("192.0.2.77").orElseThrow().events()).isEqualTo(1);
    assertThat(problems()).isEmpty();
  }

  @Test
  void searchesGoOnAfterARestart() throws Exception {
    store.close();
    store = open();
    store.addImported(List.of(new Imported(event(1), false, false)));
    all.addFirst(store.newest(1, Long.MAX_VALUE).getFirst());
    assertFinds(EventFilter.ALL, event -> true);
    assertThat(problems()).isEmpty();
  }
}
