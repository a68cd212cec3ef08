package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.cyphermesh.api.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A browser that looks at dashboards, and keeps what it had to complain of. */
final class Visitor implements AutoCloseable {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private final Path folder;
  private final Playwright playwright;
  private final Browser browser;
  private final List<String> complaints = new ArrayList<>();
  private final List<String> strangers = new ArrayList<>();
  private final List<Dashboard> started = new ArrayList<>();
  private List<Path> geo = List.of();
  private FakeNode node = new FakeNode(InstantSource.system());

  private Visitor(Path folder, Playwright playwright, Browser browser) {
    this.folder = folder;
    this.playwright = playwright;
    this.browser = browser;
  }

  /**
   * Starts the browser.
   *
   * @param folder where the dashboards' token is
   * @param settings what else the browser is told
   */
  static Visitor launch(Path folder, String... settings) throws IOException {
    return launch(folder, List.of(), settings);
  }

  /** The same with a browser that keeps the pages one leaves, for the way back, as people's do. */
  static Visitor launchKeepingPages(Path folder) throws IOException {
    return launch(folder, List.of("--disable-back-forward-cache"));
  }

  private static Visitor launch(Path folder, List<String> without, String... settings)
      throws IOException {
    Files.createDirectories(SCREENSHOTS);
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of("/usr/bin/chromium"))
                    .setIgnoreDefaultArgs(without)
                    .setArgs(
                        Stream.concat(
                                Stream.of(
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--disable-background-networking"),
                                Stream.of(settings))
                            .toList()));
    return new Visitor(folder, playwright, browser);
  }

  /** The node that was served last. */
  FakeNode node() {
    return node;
  }

  /** By which files dashboards served from now on know where addresses are. */
  void geo(List<Path> files) {
    geo = files;
  }

  Path token() {
    return folder.resolve("api-token");
  }

  /** Errors and warnings of the pages' consoles. */
  List<String> complaints() {
    return complaints;
  }

  /** What was asked of others than the dashboard. */
  List<String> strangers() {
    return strangers;
  }

  /** Closes all pages and dashboards. */
  void leave() {
    browser.contexts().forEach(BrowserContext::close);
    started.forEach(Dashboard::close);
    started.clear();
    complaints.clear();
    strangers.clear();
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }

  /** A dashboard of a new node; of the last one where {@code port} is not 0. */
  Dashboard serve(boolean rich, String host, int port) throws IOException {
    if (port == 0) {
      node = new FakeNode(InstantSource.system());
      if (rich) {
        RichNode.fill(node, InstantSource.system().instant());
      }
    }
    Dashboard dashboard =
        Dashboard.start(
            new DashboardSettings(
                new HostPort(host, port), false, token(), List.of(), Optional.empty(), geo),
            node,
            node,
            rich ? new RichProcess(InstantSource.system()) : ProcessView.NONE,
            () -> "",
            InstantSource.system());
    started.add(dashboard);
    return dashboard;
  }

  Page open(Dashboard dashboard, int width, int height, ColorScheme scheme) {
    return open(dashboard, "/", width, height, scheme);
  }

  Page open(Dashboard dashboard, String path, int width, int height, ColorScheme scheme) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setLocale("en-GB"));
    context.addInitScript(
        """
        document.addEventListener('securitypolicyviolation', (e) =>
          console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI));
        """);
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
    page.navigate(home + path.substring(1));
    return page;
  }

  /** A page of a busy node, once it is live. */
  Page openRich(String path, int width, int height, ColorScheme scheme) throws IOException {
    Page page = open(serve(true, "127.0.0.1", 0), path, width, height, scheme);
    assertThat(page.locator("#live")).hasText("Live");
    return page;
  }

  /** The same for who is logged in and may do everything. */
  Page openAsAdmin(String path, int width, int height, ColorScheme scheme) throws IOException {
    Page page = open(serve(true, "127.0.0.1", 0), "/login", width, height, scheme);
    logIn(page);
    page.navigate(page.url().replaceFirst("(//[^/]+)/.*", "$1" + path));
    assertThat(page.locator("#live")).hasText("Live");
    return page;
  }

  /** Begins a session in the page's browser. */
  void logIn(Page page) throws IOException {
    page.locator("#token").fill(Files.readString(token()).strip());
    page.keyboard().press("Enter");
    assertThat(page.locator("#live")).hasText("Live");
  }

  /** What WCAG 2.1 asks of pages at its levels A and AA, as far as a program can tell. */
  static void assertAccessible(Page page) {
    var violations =
        new AxeBuilder(page)
                .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa"))
                .analyze()
                .getViolations()
                .stream()
                .map(rule -> rule.getId() + ": " + rule.getNodes())
                .toList();
    assertThat(violations).as(page.url()).isEmpty();
  }

  static void assertNoSidewaysScroll(Page page) {
    assertThat(
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        .isEqualTo(0);
  }

  static void shoot(Page page, String name, boolean whole) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name)).setFullPage(whole));
  }

  static void shoot(Page page, String name, String part) {
    page.locator(part)
        .screenshot(new Locator.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name)));
  }
}
