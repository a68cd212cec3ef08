package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.cyphermesh.dashboard.Visitor.assertAccessible;
import static io.cyphermesh.dashboard.Visitor.assertNoSidewaysScroll;
import static io.cyphermesh.dashboard.Visitor.shoot;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks every page as it is seen on a desk and on a phone, by day and by night. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesBrowserTest {
  /** What each page shows once it has read what it shows. */
  private static final Map<String, String> PAGES =
      Map.of(
          "/", "#latest li",
          "/events", "#event-rows tr",
          "/events/ID", ".checks .passed",
          "/indicators", "#indicator-rows tr",
          "/peers", "#peer-rows .sparkline",
          "/plugins", "#plugin-rows tr",
          "/node", "#log .line",
          "/api", "#docs .operation");

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

  static Stream<Arguments> views() {
    return Stream.of(ColorScheme.LIGHT, ColorScheme.DARK)
        .flatMap(
            scheme -> Stream.of(Arguments.of(1280, 800, scheme), Arguments.of(375, 812, scheme)));
  }

  static Stream<Arguments> walks() {
    return PAGES.keySet().stream()
        .sorted()
        .flatMap(
            path ->
                views()
                    .map(view -> Arguments.of(path, view.get()[0], view.get()[1], view.get()[2])));
  }

  private void storeSome(String type) {
    for (int i = 0; i < 5; i++) {
      visitor
          .node()
          .store("harbour", "203.0.113." + i, type, "critical", Optional.empty(), Duration.ZERO);
    }
  }

  @ParameterizedTest
  @MethodSource("walks")
  void aPageIsWholeAndAccessibleWhileEventsArrive(
      String path, int width, int height, ColorScheme scheme) throws Exception {
    Page page = visitor.openAsAdmin("/plugins", width, height, scheme);
    String there =
        path.replace("ID", visitor.node().events(1, Optional.empty()).events().getFirst().key());
    page.navigate(page.url().replace("/plugins", there));
    assertThat(page.locator("#live")).hasText("Live");
    page.locator(PAGES.get(path)).first().waitFor();
    storeSome("arriving");
    page.waitForTimeout(400);
    storeSome("arriving-too");
    page.waitForTimeout(400);
    String name =
        "page"
            + path.replace('/', '-').replaceAll("-$", "-overview")
            + "-"
            + scheme.name().toLowerCase(Locale.ROOT)
            + "-"
            + width
            + ".png";
    shoot(page, name, false);
    assertAccessible(page);
    assertNoSidewaysScroll(page);
    assertThat(visitor.complaints()).isEmpty();
    assertThat(visitor.strangers()).isEmpty();
    assertThat(page.title()).endsWith(" · CypherMesh").doesNotContain("owned");
  }

  @ParameterizedTest
  @MethodSource("views")
  void whereNoPageIsOneSaysSoAndLeadsBack(int width, int height, ColorScheme scheme)
      throws Exception {
    Page page = visitor.openRich("/events/nonsense", width, height, scheme);
    assertThat(page.locator("h1")).hasText("No such page");
    assertThat(page.locator("#nav [aria-current]")).hasCount(0);
    assertThat(page.locator(".masthead").boundingBox().y).isLessThan(60);
    assertAccessible(page);
    assertNoSidewaysScroll(page);
    shoot(
        page, "page-lost-" + scheme.name().toLowerCase(Locale.ROOT) + "-" + width + ".png", false);
    page.navigate(page.url().replace("/events/nonsense", "/nowhere"));
    page.locator("#lost a[href='/events']").click();
    assertThat(page.locator("h1")).hasText("Events");
    // The browser's own note of the status that the page came with.
    assertThat(visitor.complaints()).allMatch(each -> each.contains("404 (Not Found)"));
    assertThat(visitor.strangers()).isEmpty();
  }

  @Test
  void oneLongNameHidesNoCount() throws Exception {
    for (int width : new int[] {1280, 375}) {
      Dashboard dashboard = visitor.serve(true, "127.0.0.1", 0);
      for (int i = 0; i < 60; i++) {
        visitor.node().store("a-long-source".repeat(25), "a-long-type-".repeat(25));
      }
      Page page = visitor.open(dashboard, width, 900, ColorScheme.LIGHT);
      Locator name = page.locator("#top-types bdi").first();
      assertThat(name).containsText("a-long-type-a-long-type-");
      assertThat(name).hasAttribute("title", "a-long-type-".repeat(25));
      assertThat(name.evaluate("n => n.scrollWidth > n.clientWidth")).isEqualTo(true);
      assertThat(
              page.evaluate(
                  """
                  () => [...document.querySelectorAll('.bars b')].filter((count) => {
                    const of = count.getBoundingClientRect();
                    const panel = count.closest('.panel').getBoundingClientRect();
                    return !of.width || of.left < panel.left || of.right > panel.right;
                  }).length
                  """))
          .isEqualTo(0);
      assertThat(page.locator(".bars b").count()).isGreaterThan(10);
      assertNoSidewaysScroll(page);
      shoot(page, "overview-long-names-" + width + ".png", true);
    }
    assertThat(visitor.complaints()).isEmpty();
  }

  private static int axisHeight(Page page) {
    return (int) page.evaluate("document.querySelector('#plot .u-axis')?.clientHeight ?? 0");
  }

  @Test
  void theChartHasRoomForItsDates() throws Exception {
    for (String span : List.of("24 h", "7 d")) {
      Page page = visitor.openRich("/", 1440, 800, ColorScheme.LIGHT);
      page.locator("#plot .u-axis").first().waitFor();
      int oneLine = axisHeight(page);
      page.locator("#spans label", new Page.LocatorOptions().setHasText(span)).click();
      page.waitForCondition(() -> axisHeight(page) > oneLine + 10);
      shoot(page, "overview-plot-" + span.replace(" ", "") + ".png", "#plot");
    }
  }

  @Test
  void largerTextOfTheBrowserMakesThePagesLarger(@TempDir Path folder) throws Exception {
    try (Visitor reader = Visitor.launch(folder, "--blink-settings=defaultFontSize=32")) {
      Page page = reader.openAsAdmin("/", 1280, 800, ColorScheme.LIGHT);
      assertThat(page.evaluate("getComputedStyle(document.documentElement).fontSize"))
          .isEqualTo("29px");
      String home = page.url();
      for (String path : List.of("", "events", "indicators", "peers", "plugins", "node", "api")) {
        page.navigate(home + path);
        page.locator(PAGES.get("/" + path)).first().waitFor();
        shoot(page, "large-text-" + path + ".png", false);
        assertNoSidewaysScroll(page);
      }
      assertThat(reader.complaints()).isEmpty();
      reader.leave();
    }
  }

  @Test
  void figuresThatAreEstimatedLookSo() throws Exception {
    Dashboard dashboard = visitor.serve(false, "127.0.0.1", 0);
    Page page = visitor.open(dashboard, 1280, 800, ColorScheme.LIGHT);
    assertThat(page.locator("#top-note")).containsText("estimated from 5 of 10 events");
    assertThat(page.locator("#top-sources b")).hasText("≈ 6");
    page = visitor.openRich("/", 1280, 800, ColorScheme.LIGHT);
    assertThat(page.locator("#top-sources b").first()).hasText(Pattern.compile("\\d+"));
  }

  @Test
  void whileIndicatorsAreReadNothingIsSaidOfThem() throws Exception {
    Page page = visitor.openRich("/indicators", 1280, 800, ColorScheme.LIGHT);
    List<Route> held = new ArrayList<>();
    page.route("**/api/v1/indicators?*", held::add);
    page.reload();
    page.waitForCondition(() -> !held.isEmpty());
    assertThat(page.locator("#shown")).hasText("Reading …");
    assertThat(page.locator("#indicators-empty")).isHidden();
    held.removeFirst().fulfill(new Route.FulfillOptions().setStatus(500));
    assertThat(page.locator("#indicators-failed")).isVisible();
    assertThat(page.locator("#indicators-empty")).isHidden();
    page.unroute("**/api/v1/indicators?*");
    page.locator("#again").click();
    assertThat(page.locator("#indicator-rows tr").first()).isVisible();
    assertThat(page.locator("#indicators-failed")).isHidden();
  }

  @Test
  void anEmptyNodeSaysOnEveryPageWhatToDoNext() throws Exception {
    Dashboard dashboard = visitor.serve(false, "127.0.0.1", 0);
    Page page = visitor.open(dashboard, 1280, 800, ColorScheme.LIGHT);
    for (var each :
        Map.of(
                "/", "#latest-empty",
                "/events", "#events-empty",
                "/peers", "#peers-empty",
                "/plugins", "#plugins-empty")
            .entrySet()) {
      page.navigate(page.url().replaceFirst("(//[^/]+)/.*", "$1" + each.getKey()));
      assertThat(page.locator(each.getValue())).isVisible();
      assertThat(page.locator(each.getValue()).locator("code, em").first()).isVisible();
      assertAccessible(page);
    }
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void theNavigationLeadsEverywhereAndSaysWhereOneIs() throws Exception {
    Page page = visitor.openRich("/", 1280, 800, ColorScheme.LIGHT);
    for (String place : List.of("Events", "Indicators", "Peers", "Plugins", "Node", "API")) {
      page.locator("#nav a", new Page.LocatorOptions().setHasText(place)).click();
      assertThat(page.locator("h1")).hasText(place);
      assertThat(page.locator("#nav [aria-current=page]")).containsText(place);
    }
  }

  @Test
  void aPhoneFoldsTheNavigationAway() throws Exception {
    Page page = visitor.openRich("/", 375, 812, ColorScheme.DARK);
    Locator nav = page.locator("#nav");
    assertThat(nav).isHidden();
    page.locator("#menu").click();
    assertThat(nav).isVisible();
    assertAccessible(page);
    shoot(page, "page-menu-dark-375.png", false);
    page.keyboard().press("Escape");
    assertThat(nav).isHidden();
    assertThat(page.locator("#menu")).isFocused();
  }

  @Test
  void theChosenColoursStayOnTheNextPage() throws Exception {
    Page page = visitor.openRich("/", 1280, 800, ColorScheme.LIGHT);
    Object light = page.evaluate("getComputedStyle(document.body).backgroundColor");
    page.locator("#themes label[title=Dark]").click();
    Object dark = page.evaluate("getComputedStyle(document.body).backgroundColor");
    assertThat(dark).isNotEqualTo(light);
    page.navigate(page.url() + "peers");
    assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor")).isEqualTo(dark);
    assertThat(page.locator("#themes input[value=dark]")).isChecked();
    page.locator("#themes label[title^=As]").click();
    assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor")).isEqualTo(light);
  }

  @Test
  void theOverviewCountsWhatArrivesAndTellsOfTheTimeSinceTheLastVisit() throws Exception {
    Page page = visitor.openRich("/", 1280, 800, ColorScheme.LIGHT);
    assertThat(page.locator("#since-list")).containsText("Come back later");
    assertThat(page.locator("#n-stored")).hasText("242");
    page.evaluate("window.before = true");
    storeSome("fresh-arrival");
    assertThat(page.locator("#n-stored")).hasText("247");
    assertThat(page.locator("#latest li").first()).containsText("fresh-arrival");
    assertThat(page.evaluate("window.before")).isEqualTo(true);
    page.locator("#spans label", new Page.LocatorOptions().setHasText("7 d")).click();
    assertThat(page.locator("#rate-note")).hasText("per 2 hours, last 7 days");
    // The page notes the time once more when it is left: the visit is made old on the next one.
    page.navigate(page.url() + "plugins");
    page.evaluate(
        """
        localStorage.setItem('cyphermesh-visit', JSON.stringify({seen: Date.now() - 3.2e6,
          before: null, peers: 2, rejected: 1, version: '0.0.9', started: 'never'}))
        """);
    page.goBack();
    assertThat(page.locator("#since-when")).hasText("53 min ago");
    assertThat(page.locator("#since-list")).containsText("new events");
    assertThat(page.locator("#since-list")).containsText("Critical");
    assertThat(page.locator("#since-list")).containsText("Now version 0.1.0");
    assertThat(page.locator("#since-list")).containsText("+7 peers");
    shoot(page, "overview-since.png", false);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void theNodeTellsWhoItIsHowItIsSetUpAndWhatItLogs() throws Exception {
    Page page = visitor.openAsAdmin("/node", 1280, 800, ColorScheme.LIGHT);
    assertThat(page.locator("#identity")).containsText(FakeNode.NODE_ID);
    assertThat(page.locator("#qr-image")).isVisible();
    assertThat(page.locator("#config-rows tr")).hasCount(20);
    page.locator("#config-changed").check();
    assertThat(page.locator("#config-rows tr")).hasCount(4);
    assertThat(page.locator("#config-rows")).containsText("left out: [removed]");
    assertThat(page.locator("#config-rows")).containsText("cyphermesh.conf:12");
    page.locator("#config-filter").fill("seeds");
    assertThat(page.locator("#config-rows tr")).hasCount(1);
    assertThat(page.locator("#log")).containsText("<script>document.title='owned'</script>");
    page.locator("#log-level").selectOption("ERROR");
    assertThat(page.locator("#log")).not().containsText("INFO");
    assertThat(page.title()).isEqualTo("Node · CypherMesh");
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whoIsNoAdministratorIsToldWhatTheSettingsNeed() throws Exception {
    Page page = visitor.openRich("/node", 1280, 800, ColorScheme.LIGHT);
    assertThat(page.locator("#config-locked")).containsText("role admin");
    assertThat(page.locator("#log-locked a")).hasAttribute("href", "/login?next=%2Fnode");
    assertAccessible(page);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void theApiIsDescribedAndCanBeTried() throws Exception {
    Page page = visitor.openRich("/api#get-api-v1-indicators", 1280, 800, ColorScheme.DARK);
    Locator operation = page.locator("#get-api-v1-indicators");
    assertThat(operation).hasAttribute("open", "");
    operation.locator("input[name=limit]").fill("2");
    operation.getByText("Try it").click();
    assertThat(operation.locator(".trial pre")).containsText("\"indicators\"");
    assertAccessible(page);
    shoot(page, "api-open-dark.png", false);
    page.locator("#docs-filter").fill("tokens revoke");
    assertThat(page.locator("#docs .operation:visible")).hasCount(1);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void indicatorsAreSortedByTheirHeadersAndFound() throws Exception {
    Page page = visitor.openRich("/indicators", 1280, 800, ColorScheme.LIGHT);
    page.locator("[data-sort=events]").click();
    assertThat(page.locator("th[aria-sort=descending]")).hasText("Events");
    assertThat(page.url()).endsWith("?sort=events");
    assertThat(page.locator("#indicator-rows [data-label=Events]").first()).not().hasText("1");
    page.locator("[data-sort=events]").click();
    assertThat(page.locator("th[aria-sort=ascending]")).hasText("Events");
    assertThat(page.locator("th[aria-sort=descending]")).hasCount(0);
    assertThat(page.url()).endsWith("?sort=events&order=asc");
    assertThat(page.locator("#indicator-rows [data-label=Events]").first()).hasText("1");
    assertAccessible(page);
    shoot(page, "indicators-ascending.png", false);
    page.reload();
    assertThat(page.locator("th[aria-sort=ascending]")).hasText("Events");
    page.locator("[data-sort=events]").press("Enter");
    assertThat(page.locator("th[aria-sort=descending]")).hasText("Events");
    assertThat(page.url()).endsWith("?sort=events");
    page.locator("#q").fill("198.51.100.66");
    assertThat(page.locator("#indicator-rows tr")).hasCount(1);
    assertThat(page.locator("#indicator-rows")).containsText("<script>");
    page.locator("#indicator-rows a").click();
    assertThat(page.locator("#f-address")).hasValue("198.51.100.66");
    assertThat(page.locator("#event-rows tr")).hasCount(1);
    assertThat(visitor.complaints()).isEmpty();
  }
}
