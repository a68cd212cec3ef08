package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.cyphermesh.dashboard.Visitor.assertAccessible;
import static io.cyphermesh.dashboard.Visitor.assertNoSidewaysScroll;
import static io.cyphermesh.dashboard.Visitor.shoot;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
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
class PluginsBrowserTest {
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

  private static Locator plugin(Page page, String id) {
    return page.locator("#plugin-rows tr", new Page.LocatorOptions().setHasText(id));
  }

  @Test
  void theOperatorDisablesAndEnablesAPluginByTheKeyboard() throws Exception {
    Page page = visitor.openAsAdmin("/plugins", 1280, 900, ColorScheme.LIGHT);
    assertThat(plugin(page, "syslog-exporter").locator("button")).hasText("Enable");
    assertThat(plugin(page, "honeypot bridge.jar").locator("button")).hasCount(0);
    visitor.node().patience = new CountDownLatch(1);
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Disable log-watcher").focus();
    page.keyboard().press("Enter");
    assertThat(row).hasAttribute("aria-busy", "true");
    assertThat(row).containsText("Disabling…");
    page.keyboard().press("Enter");
    shoot(page, "plugins-busy.png", "#plugin-rows");
    visitor.node().patience.countDown();
    assertThat(row).containsText("Disabled");
    assertThat(page.locator("#announce")).containsText("log-watcher is disabled.");
    assertThat(row.getByLabel("Enable log-watcher")).isFocused();
    page.keyboard().press("Enter");
    assertThat(row).containsText("Active");
    assertThat(page.locator("#announce")).containsText("log-watcher is enabled.");
    assertThat(visitor.node().orders).containsExactly("DISABLED log-watcher", "ACTIVE log-watcher");
    assertAccessible(page);
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whoCutsLinksIsAskedFirst() throws Exception {
    Page page = visitor.openAsAdmin("/plugins", 1280, 900, ColorScheme.DARK);
    Locator row = plugin(page, "tcp-transport");
    row.getByLabel("Disable tcp-transport").click();
    assertThat(page.locator("#confirm")).containsText("links to peers");
    assertThat(page.locator("#confirm-no")).isFocused();
    assertAccessible(page);
    shoot(page, "confirm-dark.png", false);
    page.keyboard().press("Escape");
    assertThat(page.locator("#confirm")).isHidden();
    row.getByLabel("Disable tcp-transport").click();
    page.keyboard().press("Enter");
    assertThat(page.locator("#confirm")).isHidden();
    assertThat(visitor.node().orders).isEmpty();
    row.getByLabel("Disable tcp-transport").click();
    page.locator("#confirm-yes").click();
    assertThat(row).containsText("Disabled");
    assertThat(visitor.node().orders).containsExactly("DISABLED tcp-transport");
  }

  @Test
  void anOrderThatFailsSaysWhyInItsRow() throws Exception {
    Page page = visitor.openAsAdmin("/plugins", 1280, 900, ColorScheme.LIGHT);
    visitor.node().orderFailure = Optional.of("<b>mending</b>");
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Reload log-watcher").click();
    assertThat(row).containsText("Reload: the plugin '<b>mending</b>' is disabled");
    assertThat(page.locator("#announce")).containsText("log-watcher: Reload: the plugin");
    assertThat(row).hasAttribute("aria-busy", "false");
    visitor.node().orderFailure = Optional.empty();
    row.getByLabel("Reload log-watcher").click();
    assertThat(row).not().containsText("mending");
  }

  @Test
  void whatHappensToOtherPluginsLeavesSelectionAndFocusAlone() throws Exception {
    Page page = visitor.openAsAdmin("/plugins", 1280, 900, ColorScheme.LIGHT);
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Reload log-watcher").focus();
    row.evaluate("row => getSelection().selectAllChildren(row.querySelector('.type'))");
    visitor
        .node()
        .plugin(
            Plugins.of("aa-new", "detector", "ACTIVE", InstantSource.system().instant()).view());
    assertThat(plugin(page, "aa-new")).containsText("Active");
    visitor.node().disablePlugin("lan-discovery");
    assertThat(plugin(page, "lan-discovery")).containsText("Disabled");
    assertThat(page.evaluate("String(getSelection())")).isEqualTo("log-watcher");
    assertThat(row.getByLabel("Reload log-watcher")).isFocused();
    assertThat(visitor.complaints()).isEmpty();
  }

  @Test
  void whoWaitsTooLongForAPluginIsToldAndSeesTheEnd() throws Exception {
    Page page = visitor.openAsAdmin("/plugins", 1280, 900, ColorScheme.LIGHT);
    visitor.node().patience = new CountDownLatch(1);
    Locator row = plugin(page, "log-watcher");
    row.getByLabel("Disable log-watcher").click();
    assertThat(row)
        .containsText(
            "it takes longer than 15 s",
            new LocatorAssertions.ContainsTextOptions().setTimeout(20_000));
    visitor.node().patience.countDown();
    assertThat(row).containsText("Disabled");
    assertThat(row).not().containsText("15 s");
  }

  @Test
  void whatAPluginSaysOfItselfIsLegibleEverywhere() throws Exception {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      String name = scheme.name().toLowerCase(Locale.ROOT);
      Page page = visitor.openRich("/plugins", 1280, 900, scheme);
      Instant now = InstantSource.system().instant();
      visitor
          .node()
          .plugin(
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
      assertThat(page.locator("#plugin-rows button")).hasCount(0);
      assertThat(page.locator("#plugins-locked")).containsText("role admin");
      shoot(page, "plugins-" + name + "-reader.png", ".panel:has(> #plugins-table)");
      page.locator("#plugins-locked a").click();
      visitor.logIn(page);
      shoot(page, "plugins-" + name + ".png", ".panel:has(> #plugins-table)");
      assertNoSidewaysScroll(page);
      assertAccessible(page);
      for (int width : List.of(1024, 820, 360)) {
        page.setViewportSize(width, 740);
        assertNoSidewaysScroll(page);
        shoot(page, "plugins-" + name + "-" + width + ".png", ".panel:has(> #plugins-table)");
      }
      assertAccessible(page);
      assertThat(visitor.complaints()).isEmpty();
    }
  }
}
