package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.cyphermesh.dashboard.access.Role;
import io.cyphermesh.dashboard.access.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** How pages share the live feed, give it back, and take it up again. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeedBrowserTest {
  private static final int TABS = 10;
  private static final LocatorAssertions.HasTextOptions SOON =
      new LocatorAssertions.HasTextOptions().setTimeout(2_000);
  private static final LocatorAssertions.HasTextOptions PATIENT =
      new LocatorAssertions.HasTextOptions().setTimeout(20_000);

  private Path tokens = Path.of("");
  private Visitor visitor;

  @BeforeAll
  void launch(@TempDir Path folder) throws IOException {
    tokens = folder.resolve("tokens.json");
    visitor = Visitor.launchKeepingPages(folder);
  }

  @AfterAll
  void quit() {
    visitor.close();
  }

  @AfterEach
  void leave() {
    visitor.leave();
  }

  private static Locator rows(Page page) {
    return page.locator("#event-rows tr");
  }

  private static void isSeen(Page page, boolean seen) {
    page.evaluate(
        """
        (hidden) => {
          Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }
        """,
        !seen);
  }

  private static void isKept(Page page, String event) {
    page.evaluate(
        "(name) => dispatchEvent(new PageTransitionEvent(name, {persisted: true}))", event);
  }

  /** The node notices who is gone when it next tells something. */
  private void assertNobodyListens() {
    await()
        .until(
            () -> {
              visitor.node().store("203.0.113.9", "while-away");
              return visitor.node().listeners() == 0;
            });
  }

  private void assertShowsAllThatCame(Page page) {
    var newest = visitor.node().store("203.0.113.9", "at-last");
    assertThat(rows(page).first()).hasAttribute("data-seq", String.valueOf(newest.seq()));
    assertThat(
            page.evaluate(
                """
                [...document.querySelectorAll('#event-rows tr')].map((row) => +row.dataset.seq)
                  .every((seq, i, all) => !i || seq === all[i - 1] - 1)
                """))
        .isEqualTo(true);
  }

  @Test
  void tenPagesOfABrowserAreLiveAtOnce() throws Exception {
    Page first = visitor.openRich("/events", 1280, 900, ColorScheme.LIGHT);
    List<Page> pages = new ArrayList<>(List.of(first));
    while (pages.size() < TABS) {
      Page page = first.context().newPage();
      page.navigate(first.url());
      pages.add(page);
    }
    for (Page page : pages) {
      assertThat(page.locator("#live")).hasText("Live", PATIENT);
    }
    visitor.node().store("203.0.113.9", "for-all");
    for (Page page : pages) {
      assertThat(rows(page).first()).containsText("for-all", containing());
    }
    pages.removeLast().close();
    visitor.node().store("203.0.113.9", "for-the-others");
    for (Page page : pages) {
      assertThat(rows(page).first()).containsText("for-the-others", containing());
    }
    assertThat(visitor.complaints()).isEmpty();
  }

  private static LocatorAssertions.ContainsTextOptions containing() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(20_000);
  }

  @Test
  void whoWalksOnAndOnIsNotHeldUpByPagesLeft() throws Exception {
    Page page = visitor.openRich("/", 1280, 900, ColorScheme.LIGHT);
    for (String shared : List.of("", "delete window.SharedWorker")) {
      page.context().addInitScript(shared);
      for (int round = 0; round < 2; round++) {
        for (String place : List.of("Events", "Indicators", "Peers", "Plugins", "Node")) {
          page.locator("#nav a", new Page.LocatorOptions().setHasText(place)).click();
          assertThat(page.locator("h1")).hasText(place);
          assertThat(page.locator("#live")).hasText("Live", PATIENT);
        }
      }
    }
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void withoutASharedWorkerAPageHasAFeedOfItsOwn() throws Exception {
    Page page = visitor.openRich("/events", 1280, 900, ColorScheme.LIGHT);
    page.context().addInitScript("delete window.SharedWorker");
    page.reload();
    assertThat(page.locator("#live")).hasText("Live");
    visitor.node().store("203.0.113.9", "by-itself");
    assertThat(rows(page).first()).containsText("by-itself");
    isSeen(page, false);
    assertThat(page.locator("#live")).hasText("Asleep", PATIENT);
    assertNobodyListens();
    isSeen(page, true);
    assertThat(page.locator("#live")).hasText("Live", PATIENT);
    assertShowsAllThatCame(page);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void aPageThatTheBrowserKeepsForTheWayBackHoldsNoFeed() throws Exception {
    Page page = visitor.openRich("/events", 1280, 900, ColorScheme.LIGHT);
    isKept(page, "pagehide");
    assertThat(page.locator("#live")).hasText("Asleep");
    assertNobodyListens();
    isKept(page, "pageshow");
    assertThat(page.locator("#live")).hasText("Live");
    assertShowsAllThatCame(page);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void aPageThatNobodySeesHoldsNoFeed() throws Exception {
    Page page = visitor.openRich("/events", 1280, 900, ColorScheme.LIGHT);
    isSeen(page, false);
    assertThat(page.locator("#live")).hasText("Asleep", PATIENT);
    assertNobodyListens();
    isSeen(page, true);
    assertThat(page.locator("#live")).hasText("Live");
    assertShowsAllThatCame(page);
    page.context()
        .addInitScript(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true})");
    page.reload();
    assertThat(page.locator("#live")).hasText("Asleep");
    assertNobodyListens();
    isSeen(page, true);
    assertThat(page.locator("#live")).hasText("Live");
    assertShowsAllThatCame(page);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whoseTokenIsRevokedIsNotCalledLoggedIn() throws Exception {
    TokenFile file = new TokenFile(tokens);
    String token =
        file.create(
                "ann",
                Role.ADMIN,
                Optional.empty(),
                InstantSource.system().instant(),
                new SplittableRandom())
            .secret();
    Dashboard dashboard = visitor.serve(true, "127.0.0.1", 0);
    Page page = visitor.open(dashboard, "/login", 1280, 900, ColorScheme.LIGHT);
    page.locator("#token").fill(token);
    page.keyboard().press("Enter");
    assertThat(page.locator("#live")).hasText("Live");
    page.clock().install();
    page.navigate(page.url().replaceFirst("(//[^/]+)/.*", "$1/peers"));
    assertThat(page.locator("#live")).hasText("Live");
    assertThat(page.locator("#login-link")).hasText("Logged in as ann");
    assertThat(page.locator("#add-peer")).isVisible();
    assertThat(file.revoke("ann")).isPresent();
    // The node looks at its tokens once in a while, the page once a minute.
    await()
        .pollInSameThread()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              page.clock().fastForward("01:10");
              assertThat(page.locator("#login-link")).hasText("Log in", SOON);
            });
    assertThat(page.locator("#add-peer")).isHidden();
  }
}
