package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.cyphermesh.api.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageBrowserTest {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  @TempDir Path folder;

  private final List<String> complaints = new ArrayList<>();
  private final List<String> strangers = new ArrayList<>();
  private final List<Dashboard> started = new ArrayList<>();
  private Playwright playwright;
  private Browser browser;
  private FakeNode node = new FakeNode(InstantSource.system());

  @BeforeAll
  void launch() throws IOException {
    Files.createDirectories(SCREENSHOTS);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of("/usr/bin/chromium"))
                    .setArgs(
                        List.of(
                            "--no-sandbox", "--disable-gpu", "--disable-background-networking")));
  }

  @AfterAll
  void quit() {
    browser.close();
    playwright.close();
  }

  @AfterEach
  void stop() {
    browser.contexts().forEach(BrowserContext::close);
    started.forEach(Dashboard::close);
    started.clear();
    complaints.clear();
    strangers.clear();
  }

  private Dashboard serve(boolean rich, String host, int port) throws IOException {
    if (port == 0) {
      node = new FakeNode(InstantSource.system());
      if (rich) {
        RichNode.fill(node, InstantSource.system().instant());
      }
    }
    Dashboard dashboard =
        Dashboard.start(
            new DashboardSettings(
                new HostPort(host, port), false, folder.resolve("api-token"), List.of()),
            node,
            node,
            () -> "",
            InstantSource.system());
    started.add(dashboard);
    return dashboard;
  }

  private Page open(Dashboard dashboard, int width, int height, ColorScheme scheme) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setLocale("en-GB"));
    Page page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    String home = "http://127.0.0.1:" + dashboard.address().port() + "/";
    page.onRequest(
        request -> {
          if (!request.url().startsWith(home)) {
            strangers.add(request.url());
          }
        });
    page.navigate(home);
    return page;
  }

  private Page openRich(int width, int height, ColorScheme scheme) throws IOException {
    Page page = open(serve(true, "127.0.0.1", 0), width, height, scheme);
    assertThat(page.locator("#live")).hasText("Live");
    return page;
  }

  private static void assertNoSeriousViolations(Page page) {
    var serious =
        new AxeBuilder(page)
            .analyze().getViolations().stream()
                .filter(rule -> List.of("serious", "critical").contains(rule.getImpact()))
                .map(rule -> rule.getId() + ": " + rule.getNodes())
                .toList();
    assertThat(serious).isEmpty();
  }

  private static void shoot(Page page, String name, boolean whole) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name)).setFullPage(whole));
  }

  private static void assertNoSidewaysScroll(Page page) {
    assertThat(
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        .isEqualTo(0);
  }

  @Test
  void anEventArrivesWithoutReload() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    page.evaluate("window.before = true");
    node.store("203.0.113.200", "fresh-arrival");
    assertThat(page.locator("#event-rows tr").first()).containsText("fresh-arrival");
    assertThat(page.locator("#n-stored")).hasText("243");
    assertThat(page.evaluate("window.before")).isEqualTo(true);
    assertThat(complaints).isEmpty();
    assertThat(strangers).isEmpty();
  }

  @Test
  void foreignTextStaysText() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    Locator row = page.locator("#event-rows tr", new Page.LocatorOptions().setHasText("<script>"));
    assertThat(row).containsText("<script>document.title='owned'</script>");
    row.click();
    assertThat(page.locator("#d-json")).containsText("<img src=x onerror=alert(1)>");
    assertThat(page.locator("#d-json")).containsText("⟨U+202E⟩gnp.exe");
    assertThat(page.title()).startsWith("CypherMesh");
    assertThat(page.locator("main script, dialog script, dialog img").count()).isZero();
    assertThat(complaints).isEmpty();
  }

  @Test
  void theKeyboardOpensAndClosesDetails() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    page.locator("#event-rows button.open").first().focus();
    page.keyboard().press("ArrowDown");
    page.keyboard().press("ArrowUp");
    page.keyboard().press("Enter");
    assertThat(page.locator("#details")).isVisible();
    assertThat(page.locator("#d-title")).hasText("ssh-bruteforce");
    assertThat(page.locator("#d-fields")).containsText("203.0.113.7");
    assertNoSeriousViolations(page);
    shoot(page, "details-light.png", false);
    page.keyboard().press("Escape");
    assertThat(page.locator("#details")).isHidden();
    assertThat(page.locator("#event-rows button.open").first()).isFocused();
  }

  @Test
  void theDesktopIsLegibleInBothSchemes() throws Exception {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      String name = scheme.name().toLowerCase(Locale.ROOT);
      Page page = openRich(1280, 900, scheme);
      shoot(page, "desktop-" + name + ".png", false);
      page.locator("#operator summary").click();
      page.locator("#filter").fill("web");
      shoot(page, "desktop-" + name + "-whole.png", true);
      assertNoSeriousViolations(page);
      assertNoSidewaysScroll(page);
      assertThat(complaints).isEmpty();
    }
  }

  @Test
  void aPhoneNeedsNoSidewaysScroll() throws Exception {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page = openRich(390, 844, scheme);
      shoot(page, "phone-" + scheme.name().toLowerCase(Locale.ROOT) + ".png", false);
      page.locator("#filter").fill("malware");
      shoot(page, "phone-" + scheme.name().toLowerCase(Locale.ROOT) + "-whole.png", true);
      assertNoSeriousViolations(page);
      assertNoSidewaysScroll(page);
      page.setViewportSize(360, 740);
      assertNoSidewaysScroll(page);
    }
  }

  @Test
  void anEmptyNodeTellsWhatToDoNext() throws Exception {
    Page page = open(serve(false, "127.0.0.1", 0), 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#events-empty")).containsText("cyphermesh demo");
    assertThat(page.locator("#peers-empty")).isVisible();
    assertThat(page.locator("#plugins-empty")).isVisible();
    assertNoSeriousViolations(page);
    shoot(page, "empty-light.png", false);
    node.store("203.0.113.200", "the-first");
    assertThat(page.locator("#event-rows tr")).hasCount(1);
    assertThat(page.locator("#events-empty")).isHidden();
  }

  @Test
  void olderEventsAreLoadedOnDemandAndFiltersHide() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#event-rows tr")).hasCount(12);
    for (int rows = 62; rows < 242; rows += 50) {
      page.locator("#older").click();
      assertThat(page.locator("#event-rows tr")).hasCount(rows);
    }
    page.locator("#older").click();
    assertThat(page.locator("#event-rows tr")).hasCount(242);
    assertThat(page.locator("#older")).isHidden();
    assertThat(page.locator("#shown")).hasText("242 shown, all there are");
    page.locator("#filter").fill("this node ssh");
    await().until(() -> page.locator("#event-rows tr").count() < 50);
    assertThat(page.locator("#event-rows tr").first()).containsText("this node");
    page.locator("#filter").fill("nothing like it");
    page.locator("#filter-reset").click();
    assertThat(page.locator("#event-rows tr")).hasCount(242);
  }

  @Test
  void aFloodDoesNotGrowThePage() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    for (int i = 0; i < 3_000; i++) {
      node.store("203.0.113.9", "flood-" + i);
    }
    assertThat(page.locator("#event-rows tr").first()).containsText("flood-2999");
    assertThat(page.locator("#event-rows tr")).hasCount(12);
    for (int i = 0; i < 12; i++) {
      page.locator("#older").click();
    }
    for (int i = 3_000; i < 6_000; i++) {
      node.store("203.0.113.9", "flood-" + i);
    }
    assertThat(page.locator("#event-rows tr").first()).containsText("flood-5999");
    await().until(() -> page.locator("#event-rows tr").count() <= 2_000);
    assertThat(page.locator("#older")).isVisible();
  }

  @Test
  void theFeedComesBackAfterTheNodeDidAndMissesNothing() throws Exception {
    Dashboard first = serve(true, "127.0.0.1", 0);
    Page page = open(first, 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#live")).hasText("Live");
    int port = first.address().port();
    first.close();
    assertThat(page.locator("#live")).hasText("Reconnecting");
    node.store("203.0.113.77", "while-away");
    serve(true, "127.0.0.1", port);
    assertThat(page.locator("#live"))
        .hasText("Live", new LocatorAssertions.HasTextOptions().setTimeout(20_000));
    assertThat(page.locator("#event-rows tr").first()).containsText("while-away");
  }

  @Test
  void aPrivateNodeAsksForItsTokenAndThenStreams() throws Exception {
    Page page = open(serve(true, "0.0.0.0", 0), 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#gate")).isVisible();
    shoot(page, "gate-light.png", false);
    page.locator("#gate-token").fill("wrong");
    page.keyboard().press("Enter");
    assertThat(page.locator("#gate-error")).containsText("not the node's token");
    page.locator("#gate-token").fill(Files.readString(folder.resolve("api-token")).strip());
    page.keyboard().press("Enter");
    assertThat(page.locator("#live")).hasText("Live");
    node.store("203.0.113.200", "fresh-arrival");
    assertThat(page.locator("#event-rows tr").first()).containsText("fresh-arrival");
  }

  @Test
  void theOperatorAddsAPeerAndReportsAnEvent() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    page.locator("#operator summary").click();
    assertThat(page.locator("#peer-address")).isDisabled();
    page.locator("#token").fill(Files.readString(folder.resolve("api-token")).strip());
    page.keyboard().press("Enter");
    page.locator("#peer-address").fill("192.0.2.99:9001");
    page.keyboard().press("Enter");
    assertThat(page.locator("#peer-form .outcome")).containsText("is added");
    assertThat(page.locator("#peer-rows")).containsText("192.0.2.99:9001");
    page.locator("#r-source").fill("203.0.113.55");
    page.locator("#r-type").fill("by-hand");
    page.locator("#r-details").fill("{\"count\": 2}");
    page.locator("#report-form button").click();
    assertThat(page.locator("#report-form .outcome")).containsText("Signed, stored and shared");
    assertThat(page.locator("#event-rows tr").first()).containsText("by-hand");
    assertThat(complaints).isEmpty();
  }

  private void giveToken(Page page) throws IOException {
    page.locator("#plugins-unlock").click();
    assertThat(page.locator("#token")).isFocused();
    page.locator("#token").fill(Files.readString(folder.resolve("api-token")).strip());
    page.keyboard().press("Enter");
    assertThat(page.locator("#plugins-locked")).isHidden();
  }

  private static Locator plugin(Page page, String id) {
    return page.locator("#plugin-rows tr", new Page.LocatorOptions().setHasText(id));
  }

  @Test
  void theOperatorDisablesAndEnablesAPluginByTheKeyboard() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#plugin-rows button")).hasCount(0);
    giveToken(page);
    assertThat(plugin(page, "syslog-exporter").locator("button")).hasText("Enable");
    assertThat(plugin(page, "honeypot bridge.jar").locator("button")).hasCount(0);
    node.patience = new CountDownLatch(1);
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Disable log-watcher").focus();
    page.keyboard().press("Enter");
    assertThat(row).hasAttribute("aria-busy", "true");
    assertThat(row).containsText("Disabling…");
    page.keyboard().press("Enter");
    shoot(page, "plugins-busy.png", "#plugin-rows");
    node.patience.countDown();
    assertThat(row).containsText("Disabled");
    assertThat(page.locator("#announce")).hasText("log-watcher is disabled.");
    assertThat(row.getByLabel("Enable log-watcher")).isFocused();
    page.keyboard().press("Enter");
    assertThat(row).containsText("Active");
    assertThat(page.locator("#announce")).hasText("log-watcher is enabled.");
    assertThat(node.orders).containsExactly("DISABLED log-watcher", "ACTIVE log-watcher");
    assertNoSeriousViolations(page);
    assertThat(complaints).isEmpty();
  }

  @Test
  void whoCutsLinksIsAskedFirst() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.DARK);
    giveToken(page);
    Locator row = plugin(page, "tcp-transport");
    row.getByLabel("Disable tcp-transport").click();
    assertThat(page.locator("#confirm")).containsText("links to peers");
    assertThat(page.locator("#confirm-no")).isFocused();
    assertNoSeriousViolations(page);
    shoot(page, "confirm-dark.png", false);
    page.keyboard().press("Escape");
    assertThat(page.locator("#confirm")).isHidden();
    row.getByLabel("Disable tcp-transport").click();
    page.keyboard().press("Enter");
    assertThat(page.locator("#confirm")).isHidden();
    assertThat(node.orders).isEmpty();
    row.getByLabel("Disable tcp-transport").click();
    page.locator("#confirm-yes").click();
    assertThat(row).containsText("Disabled");
    assertThat(node.orders).containsExactly("DISABLED tcp-transport");
  }

  @Test
  void anOrderThatFailsSaysWhyInItsRow() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    giveToken(page);
    node.orderFailure = Optional.of("<b>mending</b>");
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Reload log-watcher").click();
    assertThat(row).containsText("Reload: the plugin '<b>mending</b>' is disabled");
    assertThat(page.locator("#announce")).containsText("log-watcher: Reload: the plugin");
    assertThat(row).hasAttribute("aria-busy", "false");
    node.orderFailure = Optional.empty();
    row.getByLabel("Reload log-watcher").click();
    assertThat(row).not().containsText("mending");
  }

  @Test
  void whatHappensToOtherPluginsLeavesSelectionAndFocusAlone() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    giveToken(page);
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Reload log-watcher").focus();
    row.evaluate("row => getSelection().selectAllChildren(row.querySelector('.type'))");
    node.plugin(
        Plugins.of("aa-new", "detector", "ACTIVE", InstantSource.system().instant()).view());
    assertThat(plugin(page, "aa-new")).containsText("Active");
    node.disablePlugin("lan-discovery");
    assertThat(plugin(page, "lan-discovery")).containsText("Disabled");
    assertThat(page.evaluate("String(getSelection())")).isEqualTo("log-watcher");
    assertThat(row.getByLabel("Reload log-watcher")).isFocused();
    assertThat(complaints).isEmpty();
  }

  @Test
  void whoWaitsTooLongForAPluginIsToldAndSeesTheEnd() throws Exception {
    Page page = openRich(1280, 900, ColorScheme.LIGHT);
    giveToken(page);
    node.patience = new CountDownLatch(1);
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Disable log-watcher").click();
    assertThat(row)
        .containsText(
            "it takes longer than 15 s",
            new LocatorAssertions.ContainsTextOptions().setTimeout(20_000));
    node.patience.countDown();
    assertThat(row).containsText("Disabled");
    assertThat(row).not().containsText("15 s");
  }

  @Test
  void whatAPluginSaysOfItselfIsLegibleEverywhere() throws Exception {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      String name = scheme.name().toLowerCase(Locale.ROOT);
      Page page = openRich(1280, 900, scheme);
      Instant now = InstantSource.system().instant();
      node.plugin(
          Plugins.of("zz-hostile", "exporter", "WEDGED", now.minusSeconds(12))
              .says("<script>document.title='owned'</script> \u202egnp.exe")
              .counts(3, 17, 5)
              .behind(100_000, now.minusSeconds(7_300), 12)
              .failing(
                  "x".repeat(300)
                      + " did not stop within 10 s: "
                      + "it waits for a lock. ".repeat(9),
                  "at org.example.deeply.nested.packages.of.a.plugin.TheExporter.export(E.java:4711)",
                  now.plusSeconds(95))
              .view());
      Locator row = plugin(page, "zz-hostile");
      assertThat(row).containsText("<script>document.title='owned'</script> ⟨U+202E⟩gnp.exe");
      assertThat(row).containsText("100,000+ behind");
      assertThat(row).containsText("12 lost");
      assertThat(plugin(page, "webhook-exporter")).containsText("20,488 delivered");
      assertThat(plugin(page, "webhook-exporter")).containsText("by 1 min");
      assertThat(plugin(page, "lan-discovery")).containsText("4 found");
      assertThat(plugin(page, "suricata-bridge")).containsText("EveFiles.java:61");
      assertThat(plugin(page, "suricata-bridge")).containsText("next try in 1 min");
      assertThat(plugin(page, "honeypot bridge.jar")).containsText("Refused");
      shoot(page, "plugins-" + name + "-reader.png", ".panel:has(> #plugins-table)");
      giveToken(page);
      shoot(page, "plugins-" + name + ".png", ".panel:has(> #plugins-table)");
      assertNoSidewaysScroll(page);
      assertNoSeriousViolations(page);
      for (int width : List.of(1024, 820, 360)) {
        page.setViewportSize(width, 740);
        assertNoSidewaysScroll(page);
        shoot(page, "plugins-" + name + "-" + width + ".png", ".panel:has(> #plugins-table)");
      }
      assertNoSeriousViolations(page);
      assertThat(complaints).isEmpty();
    }
  }

  private static void shoot(Page page, String name, String part) {
    page.locator(part)
        .screenshot(new Locator.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name)));
  }
}
