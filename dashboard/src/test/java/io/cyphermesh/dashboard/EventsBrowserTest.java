package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.cyphermesh.dashboard.Visitor.assertAccessible;
import static io.cyphermesh.dashboard.Visitor.assertNoSidewaysScroll;
import static io.cyphermesh.dashboard.Visitor.shoot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EventsBrowserTest {
  private Visitor visitor;

  @BeforeAll
  void launch(@TempDir Path folder) throws IOException {
    visitor = Visitor.launch(folder);
  }

  @AfterAll
  void quit() {
    visitor.close();
  }

  @AfterEach
  void leave() {
    visitor.leave();
  }

  private Page events() throws IOException {
    Page page = visitor.openRich("/events", 1280, 900, ColorScheme.LIGHT);
    assertThat(rows(page).first()).containsText("ssh-bruteforce");
    return page;
  }

  private static Locator rows(Page page) {
    return page.locator("#event-rows tr");
  }

  @Test
  void anEventArrivesWithoutReload() throws Exception {
    Page page = events();
    page.evaluate("window.before = true");
    visitor.node().store("203.0.113.200", "fresh-arrival");
    assertThat(rows(page).first()).containsText("fresh-arrival");
    assertThat(page.locator("#shown")).containsText("of 243");
    assertThat(page.evaluate("window.before")).isEqualTo(true);
    assertThat(visitor.complaints()).isEmpty();
    assertThat(visitor.strangers()).isEmpty();
  }

  @Test
  void theStreamHoldsStillUnderThePointerAndByItsButton() throws Exception {
    Page page = events();
    rows(page).nth(3).hover();
    visitor.node().store("203.0.113.200", "while-reading");
    assertThat(page.locator("#waiting")).hasText("1 new");
    assertThat(rows(page).first()).containsText("ssh-bruteforce");
    page.mouse().move(5, 5);
    assertThat(rows(page).first()).containsText("while-reading");
    assertThat(page.locator("#waiting")).isHidden();
    page.locator("#pause").click();
    assertThat(page.locator("#pause")).hasText("Resume");
    visitor.node().store("203.0.113.201", "while-paused");
    assertThat(page.locator("#waiting")).hasText("1 new");
    assertThat(page.locator("#stream-state")).hasText("Paused");
    assertThat(rows(page).first()).containsText("while-reading");
    page.locator("#waiting").click();
    assertThat(rows(page).first()).containsText("while-paused");
  }

  @Test
  void theStreamHoldsStillForWhoWalksItByTheKeyboard() throws Exception {
    Page page = events();
    page.locator("#event-rows a.open").first().focus();
    visitor.node().store("203.0.113.200", "while-reading");
    assertThat(page.locator("#waiting")).hasText("1 new");
    page.locator("#f-text").focus();
    assertThat(rows(page).first()).containsText("while-reading");
  }

  @Test
  void foreignTextStaysText() throws Exception {
    Page page = events();
    Locator row = page.locator("#event-rows tr", new Page.LocatorOptions().setHasText("<script>"));
    assertThat(row).containsText("<script>document.title='owned'</script>");
    row.locator("a.open").click();
    assertThat(page.locator("#sheet-title")).containsText("<script>");
    assertThat(page.locator("#sheet-body")).containsText("<img src=x onerror=alert(1)>");
    assertThat(page.locator("#sheet-body")).containsText("⟨U+202E⟩gnp.exe");
    page.locator("#sheet-link").click();
    assertThat(page.locator("h1")).hasText("<script>document.title='owned'</script>");
    assertThat(page.title()).isEqualTo("<script>document.title='owned'</script> · CypherMesh");
    assertThat(page.locator("main script, dialog script, main img").count()).isZero();
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void theKeyboardOpensAndClosesDetails() throws Exception {
    Page page = events();
    page.locator("#event-rows a.open").first().focus();
    page.keyboard().press("ArrowDown");
    page.keyboard().press("ArrowUp");
    page.keyboard().press("Enter");
    assertThat(page.locator("#sheet")).isVisible();
    assertThat(page.locator("#sheet-title")).containsText("ssh-bruteforce");
    assertThat(page.locator("#sheet-body")).containsText("203.0.113.7");
    assertThat(page.locator(".checks .passed")).hasCount(5);
    assertThat(page.locator(".others")).containsText("reporter");
    assertAccessible(page);
    shoot(page, "event-sheet-light.png", false);
    page.keyboard().press("Escape");
    assertThat(page.locator("#sheet")).isHidden();
    assertThat(page.locator("#event-rows a.open").first()).isFocused();
  }

  @Test
  void anEventTellsWhoDeliveredItAndShowsItsJson() throws Exception {
    Page page = events();
    visitor.node().store("203.0.113.150", "by-way-of-another");
    rows(page).first().getByText("by-way-of-another").click();
    assertThat(page.locator("#sheet-body")).containsText(FakeNode.sha256("lighthouse"));
    page.locator("summary", new Page.LocatorOptions().setHasText("Raw JSON")).click();
    assertThat(page.locator(".raw pre").first()).containsText("\"threat_type\"");
    page.setViewportSize(375, 812);
    assertNoSidewaysScroll(page);
    assertAccessible(page);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whatIsNotThereSaysSo() throws Exception {
    Page page = visitor.openRich("/events/" + "0".repeat(64), 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#event")).containsText("This node has no such event");
    assertThat(page.locator("#event a")).hasText("All events");
    assertAccessible(page);
  }

  @Test
  void theFilterStandsInTheAddressAndComesBackFromIt() throws Exception {
    Page page = events();
    page.locator("#f-type").fill("port-scan");
    assertThat(rows(page).first()).containsText("port-scan");
    assertThat(page).hasURL(Pattern.compile(".*/events\\?type=port-scan"));
    page.locator("#f-severity label", new Page.LocatorOptions().setHasText("Critical")).click();
    assertThat(page).hasURL(Pattern.compile(".*severity=high%2Cmedium%2Clow%2Cunknown"));
    assertThat(page.locator("#export-csv"))
        .hasAttribute(
            "href", "/api/v1/events.csv?type=port-scan&severity=high%2Cmedium%2Clow%2Cunknown");
    page.reload();
    assertThat(page.locator("#f-type")).hasValue("port-scan");
    assertThat(page.locator("#f-severity input[value=critical]")).not().isChecked();
    assertThat(rows(page).first()).containsText("port-scan");
    page.locator("#f-address").fill("203.0.113.0/24");
    assertThat(page).hasURL(Pattern.compile(".*address=203.0.113.0%2F24.*"));
    visitor
        .node()
        .store("harbour", "203.0.113.77", "port-scan", "low", Optional.empty(), Duration.ZERO);
    visitor.node().store("198.51.100.1", "port-scan");
    assertThat(rows(page).first()).containsText("203.0.113.77");
    page.locator("#filters-reset").click();
    assertThat(rows(page).first()).containsText("198.51.100.1");
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void aFilterThatCannotBeUnderstoodSaysWhatIsMeant() throws Exception {
    Page page = events();
    page.locator("#f-address").fill("nonsense");
    assertThat(page.locator("#f-problem")).containsText("is an IP address or a range");
    assertThat(page.locator("#f-address")).hasAttribute("aria-invalid", "true");
    page.locator("#f-address").fill("192.0.2.0/24");
    assertThat(page.locator("#f-problem")).hasText("");
    page.locator("#f-text").fill("nothing like it");
    assertThat(page.locator("#events-none")).isVisible();
    assertAccessible(page);
    page.locator("#filters-reset-2").click();
    assertThat(rows(page).first()).containsText("ssh-bruteforce");
  }

  @Test
  void olderEventsComeWhileScrolling() throws Exception {
    Page page = events();
    assertThat(page.locator("#shown")).containsText("100 shown");
    for (int i = 0; i < 4; i++) {
      page.evaluate("scrollTo(0, document.body.scrollHeight)");
      page.waitForTimeout(300);
    }
    assertThat(rows(page)).hasCount(242);
    assertThat(page.locator("#older")).isHidden();
    assertThat(page.locator("#shown")).hasText("242 shown, all there are");
  }

  @Test
  void aFloodDoesNotGrowThePage() throws Exception {
    Page page = events();
    for (int i = 0; i < 3_000; i++) {
      visitor.node().store("203.0.113.9", "flood-" + i);
    }
    assertThat(rows(page).first()).containsText("flood-2999");
    await().until(() -> rows(page).count() <= 300);
  }

  @Test
  void aFloodOfWhatFitsTheFilterLeavesNoGap() throws Exception {
    // It is asked for two seconds after, and on a busy machine answered later.
    var patient = new LocatorAssertions.HasTextOptions().setTimeout(20_000);
    Page page = visitor.openRich("/events?type=flood", 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#events-none")).isVisible();
    visitor.node().store("203.0.113.9", "flood");
    assertThat(page.locator("#shown")).hasText("1 shown, all there are", patient);
    for (int i = 0; i < 190; i++) {
      visitor.node().store("203.0.113.9", "flood");
      visitor.node().store("203.0.113.9", "no-flood");
    }
    assertThat(page.locator("#shown")).hasText("191 shown, all there are", patient);
    assertThat(rows(page)).hasCount(191);
    // As many more while the stream is held, and twice, so that what waits has to go on as well.
    page.locator("#pause").click();
    for (int part = 1; part <= 2; part++) {
      for (int i = 0; i < 130; i++) {
        visitor.node().store("203.0.113.9", "flood");
      }
      assertThat(page.locator("#waiting-text")).hasText(part * 130 + " new", patient);
    }
    page.locator("#waiting").click();
    for (int i = 0; i < 4; i++) {
      page.evaluate("scrollTo(0, document.body.scrollHeight)");
      page.waitForTimeout(500);
    }
    assertThat(rows(page)).hasCount(451);
    assertThat(page.locator("#shown")).hasText("451 shown, all there are");
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void aRareFilterIsNotSearchedAnewForEachThatArrives() throws Exception {
    Page page = visitor.openRich("/events?text=owned", 1280, 900, ColorScheme.LIGHT);
    assertThat(rows(page)).hasCount(1);
    List<String> asked = new CopyOnWriteArrayList<>();
    page.onRequest(request -> asked.add(request.url()));
    // Now each page is of ten, and tells that the node looked no further.
    visitor.node().counts = false;
    visitor.node().store("203.0.113.9", "port-scan");
    page.waitForTimeout(3_000);
    asked.clear();
    visitor.node().store("203.0.113.9", "port-scan");
    page.waitForTimeout(3_000);
    assertThat(asked).filteredOn(url -> url.contains("/api/v1/events?")).hasSize(1);
  }

  @Test
  void whatPagesLinkToIsFound() throws Exception {
    Dashboard dashboard = visitor.serve(true, "127.0.0.1", 0);
    Map<String, String> found =
        Map.of(
            "203.0.113.252", "t".repeat(300),
            "999.1.1.1", " lead",
            "1.2.3", "two\nlines",
            "2001:db8::252", "nul\0 in it",
            "::gg", "both ");
    for (int i = 0; i < 60; i++) {
      found.forEach((source, type) -> visitor.node().store(source, type));
    }
    Page page = visitor.open(dashboard, "/", 1280, 900, ColorScheme.LIGHT);
    Locator links = page.locator("#top-types a, #top-sources a");
    assertThat(page.locator("#top-types a").first()).isVisible();
    assertThat(page.locator("#top-sources a").first()).isVisible();
    List<String> paths =
        links.all().stream().map(each -> each.getAttribute("href")).distinct().toList();
    assertThat(paths)
        .contains(
            "/events?type=" + "t".repeat(300),
            "/events?type=+lead",
            "/events?text=999.1.1.1",
            "/events?text=1.2.3",
            "/events?address=2001%3Adb8%3A%3A252",
            "/events?text=%3A%3Agg");
    String home = page.url();
    for (String path : paths) {
      page.navigate(home + path.substring(1));
      rows(page).first().waitFor();
      assertThat(page.locator("#f-problem")).hasText("");
    }
    // What arrives later is found as well.
    page.navigate(home + "events?type=" + "t".repeat(300));
    assertThat(rows(page)).hasCount(60);
    assertThat(page.locator("#live")).hasText("Live");
    visitor.node().store("203.0.113.252", "t".repeat(300));
    assertThat(rows(page)).hasCount(61);
    page.navigate(home + "events?type=+lead");
    assertThat(page.locator("#f-type")).hasValue(" lead");
    assertThat(rows(page)).hasCount(60);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whatNobodyElseReportedSaysNoMore() throws Exception {
    Page page = events();
    visitor.node().store("203.0.113.251", "seen-once");
    rows(page).first().getByText("seen-once").click();
    assertThat(page.locator(".others")).containsText("Nobody else reported it.");
    assertThat(page.locator(".others > *")).hasCount(2);
    assertThat(page.locator(".others ul")).hasCount(0);
    assertThat(page.locator(".others")).not().containsText("null");
    shoot(page, "event-alone.png", "#sheet");
  }

  @Test
  void theFeedComesBackAfterTheNodeDidAndMissesNothing() throws Exception {
    Dashboard first = visitor.serve(true, "127.0.0.1", 0);
    Page page = visitor.open(first, "/events", 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#live")).hasText("Live");
    int port = first.address().port();
    first.close();
    assertThat(page.locator("#live")).hasText("Reconnecting");
    visitor.node().store("203.0.113.77", "while-away");
    visitor.serve(true, "127.0.0.1", port);
    assertThat(page.locator("#live"))
        .hasText("Live", new LocatorAssertions.HasTextOptions().setTimeout(20_000));
    assertThat(rows(page).first()).containsText("while-away");
    visitor.node().store("203.0.113.78", "and-after");
    assertThat(rows(page).first()).containsText("and-after");
    assertThat(page.locator("#event-rows tr", new Page.LocatorOptions().setHasText("while-away")))
        .hasCount(1);
  }

  @Test
  void whoMayReportsAnEventByHand() throws Exception {
    Page page = visitor.openAsAdmin("/events", 1280, 900, ColorScheme.LIGHT);
    page.locator("#report").click();
    page.locator("#r-source").fill("203.0.113.55");
    page.locator("#r-type").fill("by-hand");
    page.locator("#r-details").fill("{\"count\": ");
    page.locator("#report-form button[type=submit]").click();
    assertThat(page.locator("#report-form .outcome")).hasText("The details are not valid JSON.");
    assertAccessible(page);
    page.locator("#r-details").fill("{\"count\": 2}");
    page.locator("#report-form button[type=submit]").click();
    assertThat(page.locator("#report-form .outcome")).containsText("Signed, stored and shared");
    page.locator("#report-cancel").click();
    // The pointer may stand over the stream now, which would hold it.
    page.mouse().move(5, 5);
    assertThat(rows(page).first()).containsText("by-hand");
    assertThat(visitor.complaints()).isEmpty();
  }

  /** Has the node answer each read of events at once, and the page hear of it as the test says. */
  private static List<Runnable> holdBackReads(Page page) {
    List<Runnable> held = new ArrayList<>();
    page.route(
        "**/api/v1/events?*",
        route -> {
          APIResponse answer = route.fetch();
          held.add(() -> route.fulfill(new Route.FulfillOptions().setResponse(answer)));
        });
    return held;
  }

  private static void release(Page page, List<Runnable> held) {
    page.waitForCondition(() -> !held.isEmpty());
    page.unroute("**/api/v1/events?*");
    held.forEach(Runnable::run);
  }

  /** That the newest rows are these, without a gap and in their order. */
  private static void assertNewest(Page page, long newest) {
    assertThat(rows(page).first()).hasAttribute("data-seq", String.valueOf(newest));
    assertThat(
            page.evaluate(
                "[...document.querySelectorAll('#event-rows tr')].map((row) => +row.dataset.seq)"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSizeGreaterThan(20)
        .isEqualTo(
            LongStream.iterate(newest, seq -> seq - 1)
                .limit(rows(page).count())
                .mapToObj(Math::toIntExact)
                .toList());
  }

  @Test
  void whatArrivesWhileTheListIsReadAnewIsNotLost() throws Exception {
    Page page = visitor.openRich("/events?type=port-scan", 1280, 900, ColorScheme.LIGHT);
    assertThat(rows(page).first()).containsText("port-scan");
    var held = holdBackReads(page);
    page.locator("#filters-reset").click();
    page.waitForCondition(() -> !held.isEmpty());
    for (int i = 0; i < 5; i++) {
      visitor.node().store("203.0.113.7", "meanwhile-" + i);
    }
    assertThat(page.locator("#waiting-text")).hasText("5 new");
    page.locator("#waiting").click();
    assertThat(page.locator("#waiting-text")).hasText("5 new");
    release(page, held);
    assertThat(page.locator("#waiting")).isHidden();
    assertNewest(page, 247);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void nothingIsSaidOfWhatIsNotReadYet() throws Exception {
    Page page = events();
    var held = holdBackReads(page);
    page.reload();
    assertThat(page.locator("#self-version")).hasText("0.1.0");
    assertThat(page.locator("#reach")).hasText("Reading …");
    assertThat(page.locator("#events-empty")).isHidden();
    release(page, held);
    assertThat(rows(page).first()).containsText("ssh-bruteforce");
    page.route(
        "**/api/v1/events?*", route -> route.fulfill(new Route.FulfillOptions().setStatus(500)));
    page.locator("#f-type").fill("nothing");
    assertThat(page.locator("#events-failed")).isVisible();
    assertThat(page.locator("#events-none")).isHidden();
    page.unroute("**/api/v1/events?*");
    page.locator("#events-again").click();
    assertThat(page.locator("#events-none")).isVisible();
    assertThat(page.locator("#events-failed")).isHidden();
    page.locator("#f-address").fill("nonsense");
    assertThat(page.locator("#f-problem")).containsText("is an IP address or a range");
    assertThat(page.locator("#events-none")).isHidden();
    assertThat(page.locator("#events-failed")).isHidden();
  }

  @Test
  void whatTheAddressAsksForInOtherWordsIsAppliedOrToldOf() throws Exception {
    Page page =
        visitor.openRich(
            "/events?severity=HIGH,Low&tlp=GREEN&local=False", 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#f-unknown")).isHidden();
    assertThat(page.locator("#f-severity input:checked")).hasCount(2);
    assertThat(page.locator("#f-severity input[value=high]")).isChecked();
    assertThat(page.locator("#f-tlp")).hasValue("green");
    assertThat(page.locator("#f-local")).hasValue("false");
    page.navigate(
        page.url()
            .replaceFirst(
                "\\?.*",
                "?type=port-scan&local=maybe&severity=worst&since=garbage&last=bogus&colour=red"));
    assertThat(page.locator("#f-unknown"))
        .hasText(
            "Not known here, and not applied: colour=red, local=maybe, severity=worst,"
                + " since=garbage, last=bogus");
    assertThat(rows(page).first()).containsText("port-scan");
    assertAccessible(page);
    shoot(page, "events-unknown-filter.png", false);
    page.locator("#f-type").fill("ssh-bruteforce");
    assertThat(rows(page).first()).containsText("ssh-bruteforce");
    assertThat(page.locator("#f-unknown")).isHidden();
    assertThat(page).hasURL(Pattern.compile(".*/events\\?type=ssh-bruteforce"));
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void noEventIsCountedTwice() throws Exception {
    Page page = events();
    // The feed's status counts ten of which the feed tells only then.
    AtomicBoolean stored = new AtomicBoolean();
    visitor.node().beforeStatus =
        () -> {
          if (Thread.currentThread().getName().equals("dashboard-live")
              && stored.compareAndSet(false, true)) {
            for (int i = 1; i <= 10; i++) {
              visitor.node().store("203.0.113.9", "counted-" + i);
            }
          }
        };
    assertThat(rows(page).first()).containsText("counted-10");
    assertThat(page.locator("#shown")).hasText("110 shown of 252");
  }

  @Test
  void onAPhoneNothingMovesUnderThePointer() throws Exception {
    Page page = visitor.openRich("/events", 375, 812, ColorScheme.LIGHT);
    Locator first = page.locator("#event-rows tr").first();
    first.waitFor();
    var before = first.boundingBox();
    page.mouse().move(before.x + 9, before.y + 3);
    assertThat(page.locator("#stream-state")).hasText("Held while you look");
    visitor.node().store("203.0.113.9", "port-scan");
    assertThat(page.locator("#waiting")).isVisible();
    assertThat(first.boundingBox().y).isEqualTo(before.y);
    assertAccessible(page);
    shoot(page, "events-held-phone.png", false);
    assertThat(visitor.complaints()).isEmpty();
  }
}
