package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.cyphermesh.dashboard.Visitor.assertAccessible;
import static io.cyphermesh.dashboard.Visitor.assertNoSidewaysScroll;
import static io.cyphermesh.dashboard.Visitor.shoot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.cyphermesh.core.view.PeerView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PeersBrowserTest {
  private static final String PANEL = ".panel:has(> #peers-table)";

  private final Instant now = InstantSource.system().instant();

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

  private static Locator peer(Page page, String address) {
    return page.locator("#peer-rows tr", new Page.LocatorOptions().setHasText(address));
  }

  private static Locator drawn(Page page, String kind) {
    return page.locator("#hood-graph ." + kind);
  }

  /** Where each peer of the drawing stands, behind what it is called. */
  private static List<String> places(Page page) {
    List<?> found =
        (List<?>)
            page.evaluate(
                """
                () => [...document.querySelectorAll('#hood-graph g:has(> title)')].map((g) =>
                  g.querySelector('title').textContent.split(',').slice(0, 2).join() + ' at '
                    + ['cx', 'cy'].map((at) => g.querySelector('circle').getAttribute(at)))
                """);
    return found.stream().map(String::valueOf).toList();
  }

  @Test
  void eachLinkShowsRoleDirectionRoundTripTrafficAndScore() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    Locator row = peer(page, "192.0.2.14:9001");
    assertThat(row.locator("td"))
        .hasText(
            new String[] {
              "192.0.2.14:9001" + FakeNode.sha256("lighthouse").substring(0, 12),
              "Connectedcyphermesh/0.1.0",
              "Activeoutbound, tree",
              "23 ms",
              "11.4 MiB9,125 events",
              "6.1 MiB2,411 events",
              "+4",
              "+184",
              "nowup 2 h",
              ""
            });
    assertThat(row.getByTitle("23.400 ms")).hasCount(1);
    assertThat(row.getByTitle("11,962,875 bytes read")).hasCount(1);
    assertThat(peer(page, "198.51.100.9:9001")).containsText("inbound, announced");
    assertThat(peer(page, "198.51.100.9:9001")).containsText("−3");
    assertThat(peer(page, "203.0.113.140:9001")).containsText("1.24 s");
    assertThat(peer(page, "192.0.2.201:9001")).containsText("Sync");
    assertThat(peer(page, "203.0.113.61")).containsText("Version 1");
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whereNobodyLooksForPeersNoneIsPromised() throws Exception {
    Instant since = now.minusSeconds(60);
    Dashboard dashboard = visitor.serve(false, "127.0.0.1", 0);
    visitor.node().plugin(Plugins.of("lan-discovery", "discovery", "DISABLED", since).view());
    Page page = visitor.open(dashboard, "/peers", 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#live")).hasText("Live");
    assertThat(page.locator("#peers-empty")).containsText("To name one");
    assertThat(page.locator("#peers-find")).isHidden();
    visitor.node().plugin(Plugins.of("dns-discovery", "discovery", "ACTIVE", since).view());
    page.reload();
    assertThat(page.locator("#peers-find")).containsText("find each other by themselves");
  }

  @Test
  void aNodeWithoutLinksSaysWhatToDo() throws Exception {
    Dashboard dashboard = visitor.serve(false, "127.0.0.1", 0);
    visitor.node().peer(unmet("quarry", 0, 4));
    visitor.node().peer(unmet("lifted", 0, 0));
    Page page = visitor.open(dashboard, "/peers", 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#hood-empty")).containsText("Add one, or wait for one to call.");
    assertThat(page.locator("#hood-graph")).isHidden();
    assertThat(page.locator("#hood-add")).isHidden();
    assertThat(page.locator("#peer-rows tr").first())
        .containsText("never met, known as a reporter");
    assertThat(page.locator("#peer-rows tr").nth(1).locator(".note").first()).hasText("never met");
    page.navigate(page.url().replace("/peers", "/login"));
    visitor.logIn(page);
    page.navigate(page.url().replaceFirst("(//[^/]+)/.*", "$1/peers"));
    page.locator("#hood-add").click();
    assertThat(page.locator("#peer-address")).isFocused();
    page.keyboard().press("Escape");
    assertAccessible(page);
    shoot(page, "peers-without-links.png", false);
    visitor.node().peer(Peers.plain("203.0.113.61", now));
    assertThat(page.locator("#hood-empty")).isHidden();
    assertThat(page.locator("#hood-graph")).isVisible();
    assertThat(visitor.complaints()).isEmpty();
  }

  private static PeerView unmet(String name, long valid, long invalid) {
    return new PeerView(
        Optional.of(FakeNode.sha256(name)),
        Optional.empty(),
        PeerView.State.DISCONNECTED,
        Optional.empty(),
        Optional.empty(),
        0,
        false,
        Optional.empty(),
        valid,
        invalid,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.of(FakeNode.sha256(name)),
        false);
  }

  @Test
  void whatAPeerCallsItselfStaysInItsPlace() throws Exception {
    for (int width : new int[] {1280, 1024, 830, 375}) {
      Page page = visitor.openRich("/peers", width, 900, ColorScheme.LIGHT);
      Locator agent = peer(page, "198.51.100.9:9001").locator("bdi.second");
      assertThat(agent).hasText("cyphermesh/0.1.0-SNAPSHOT of a far-off build");
      assertThat(agent).hasAttribute("title", "cyphermesh/0.1.0-SNAPSHOT of a far-off build");
      assertThat(agent.evaluate("a => getComputedStyle(a).textOverflow")).isEqualTo("ellipsis");
      assertThat(agent.evaluate("a => a.clientWidth <= a.parentElement.clientWidth"))
          .as("%d wide", width)
          .isEqualTo(true);
      shoot(page, "peers-agent-" + width + ".png", false);
    }
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void aReputationHasItsHistoryBesideIt() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    Locator line = peer(page, "192.0.2.14:9001").locator(".sparkline");
    assertThat(line)
        .hasAttribute("aria-label", Pattern.compile("Reputation since .+: from 0 to \\+184"));
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void theOperatorBansAndLiftsOnceHeIsSure() throws Exception {
    Page page = visitor.openAsAdmin("/peers", 1280, 900, ColorScheme.LIGHT);
    Locator row = peer(page, "192.0.2.14:9001");
    row.getByLabel("Ban 192.0.2.14:9001").click();
    assertThat(page.locator("#confirm")).containsText("Its link ends");
    assertThat(page.locator("#confirm-no")).isFocused();
    assertAccessible(page);
    shoot(page, "peers-ban.png", false);
    page.keyboard().press("Escape");
    assertThat(row).containsText("Connected");
    row.getByLabel("Ban 192.0.2.14:9001").click();
    page.locator("#confirm-yes").click();
    assertThat(row).containsText("Banned");
    assertThat(row).containsText("by the operator");
    assertThat(page.locator("#announce")).containsText("192.0.2.14:9001 is banned.");
    row.getByLabel("Lift the ban of 192.0.2.14:9001").click();
    page.locator("#confirm-yes").click();
    assertThat(row).not().containsText("Banned");
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void theOperatorAddsAPeer() throws Exception {
    Page page = visitor.openAsAdmin("/peers", 1280, 900, ColorScheme.LIGHT);
    page.locator("#add-peer").click();
    assertThat(page.locator("#peer-address")).isFocused();
    page.locator("#peer-address").fill("192.0.2.99");
    page.keyboard().press("Enter");
    assertThat(page.locator("#peer-form .outcome.bad")).isVisible();
    page.locator("#peer-address").fill("192.0.2.99:9001");
    page.keyboard().press("Enter");
    assertThat(page.locator("#peer-form .outcome")).containsText("is added");
    page.locator("#peer-cancel").click();
    assertThat(page.locator("#peer-rows")).containsText("192.0.2.99:9001");
    // And takes it back.
    page.getByLabel("Forget 192.0.2.99:9001").click();
    assertThat(page.locator("#confirm")).containsText("not dialled any more");
    page.locator("#confirm-yes").click();
    assertThat(page.locator("#announce")).containsText("192.0.2.99:9001 is forgotten.");
    assertThat(page.locator("#peer-rows")).not().containsText("192.0.2.99:9001");
  }

  @Test
  void theReserveIsListedWhenAskedFor() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    assertThat(page.locator("#peer-rows tr")).hasCount(11);
    Locator button = page.locator("#peers-reserve");
    assertThat(button).hasText("Show 30 in reserve");
    button.focus();
    page.keyboard().press("Enter");
    assertThat(button).hasAttribute("aria-expanded", "true");
    assertThat(page.locator("#peer-rows tr")).hasCount(41);
    assertThat(page.locator("#peer-rows tr").last()).containsText("Passive");
    assertThat(button).isFocused();
    assertAccessible(page);
    page.keyboard().press("Enter");
    assertThat(page.locator("#peer-rows tr")).hasCount(11);
  }

  @Test
  void theDrawingHasEveryLinkInItsWayAndSaysTheSameInWords() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    assertThat(drawn(page, "tree")).hasCount(3);
    assertThat(drawn(page, "announced")).hasCount(3);
    assertThat(drawn(page, "sync")).hasCount(2);
    assertThat(drawn(page, "v1")).hasCount(1);
    assertThat(drawn(page, "bad")).hasCount(1);
    assertThat(drawn(page, "hood-reserve")).hasCount(30);
    assertThat(page.locator("#hood-graph"))
        .hasAttribute(
            "aria-label",
            "This node and the peers around it: 6 active, 3 of them in the tree; 2 sync; 1 version"
                + " 1; 30 in reserve. The table below tells the same of each.");
    assertThat(page.locator("#hood-passive")).hasText("30");
    assertThat(page.locator("#hood-graph .tree title").first())
        .hasText(Pattern.compile(".+:9001, [0-9a-f]{12}, active, in the tree, .+bound, .+s, .+"));
  }

  @Test
  void whoStaysKeepsItsPlaceWhenOthersComeAndGo() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    FakeNode node = visitor.node();
    node.forgetPeer(FakeNode.sha256("observatory"));
    node.forgetPeer(FakeNode.sha256("reserve 3"));
    assertThat(drawn(page, "hood-reserve")).hasCount(29);
    assertThat(drawn(page, "announced")).hasCount(2);
    List<String> before = places(page);
    for (int i = 0; i < 12; i++) {
      node.peer(
          Peers.linked(
              "new " + i,
              "192.0.2." + (220 + i) + ":9001",
              true,
              0,
              Peers.active(false, 9, 1, 0),
              now));
      node.peer(Peers.reserve("late " + i, "", now));
    }
    assertThat(drawn(page, "announced")).hasCount(14);
    List<String> after = places(page);
    assertThat(after).containsAll(before);
    assertThat(after)
        .extracting(place -> place.substring(place.indexOf(" at ")))
        .doesNotHaveDuplicates();
  }

  @Test
  void noMoreAreDrawnThanThereIsRoomFor() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    for (int i = 0; i < 30; i++) {
      visitor.node().peer(Peers.plain("203.0.113.99", now));
      visitor.node().peer(Peers.reserve("more " + i, "", now));
    }
    assertThat(drawn(page, "more")).hasText("+ 7 more linked, + 20 more in reserve");
    assertThat(drawn(page, "hood-link")).hasCount(32);
    assertThat(drawn(page, "hood-reserve")).hasCount(40);
    assertThat(peer(page, "203.0.113.99")).hasCount(30);
    shoot(page, "peers-crowd-light.png", PANEL);
    page.setViewportSize(360, 740);
    assertNoSidewaysScroll(page);
    shoot(page, "peers-crowd-phone.png", "#hood");
  }

  @Test
  void roundTripAndTrafficAreReadAnewWithoutBeingTold() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    Locator row = peer(page, "192.0.2.14:9001");
    row.evaluate("row => { window.row = row; getSelection().selectAllChildren(row.cells[0]); }");
    visitor
        .node()
        .changePeer(
            Peers.linked(
                "lighthouse", "192.0.2.14:9001", true, 184, Peers.active(true, 99, 9_126, 4), now));
    assertThat(row).containsText("99 ms");
    assertThat(row).containsText("9,126 events");
    assertThat(row.evaluate("row => row === window.row")).isEqualTo(true);
    assertThat(page.evaluate("String(getSelection())").toString()).contains("192.0.2.14:9001");
    assertThat(drawn(page, "tree title").getByText("99 ms")).hasCount(1);
  }

  @Test
  void peersAreReadAtMostEveryTwoSecondsAndNotWhileNobodyLooks() throws Exception {
    Page page = visitor.openRich("/peers", 1280, 900, ColorScheme.LIGHT);
    List<Long> reads = new ArrayList<>();
    page.onRequest(
        request -> {
          if (request.url().endsWith("/api/v1/peers")) {
            reads.add(System.nanoTime());
          }
        });
    await()
        .until(
            () -> {
              page.waitForTimeout(100);
              return reads.size() >= 3;
            });
    assertThat(reads.get(2) - reads.get(0)).isGreaterThan(3_800_000_000L);
    page.evaluate(
        """
        () => {
          Object.defineProperty(document, 'hidden', {get: () => window.away !== false});
          document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
        }
        """);
    page.waitForTimeout(300);
    int unseen = reads.size();
    visitor.node().peer(Peers.reserve("unseen", "", now));
    page.waitForTimeout(3_000);
    assertThat(reads).hasSize(unseen);
    page.evaluate(
        "window.away = false; document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))");
    assertThat(page.locator("#hood-passive")).hasText("31");
  }

  @Test
  void thePeersAreLegibleEverywhere() throws Exception {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      String name = scheme.name().toLowerCase(Locale.ROOT);
      Page page = visitor.openRich("/peers", 1280, 900, scheme);
      assertThat(drawn(page, "hood-reserve")).hasCount(30);
      shoot(page, "peers-" + name + ".png", PANEL);
      assertAccessible(page);
      for (int width : List.of(1110, 1024, 830, 390, 360)) {
        page.setViewportSize(width, 844);
        assertNoSidewaysScroll(page);
        shoot(page, "peers-" + name + "-" + width + ".png", PANEL);
      }
      assertAccessible(page);
      assertThat(visitor.complaints()).isEmpty();
    }
  }
}
