package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.cyphermesh.dashboard.Visitor.assertAccessible;
import static io.cyphermesh.dashboard.Visitor.assertNoSidewaysScroll;
import static io.cyphermesh.dashboard.Visitor.shoot;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.cyphermesh.dashboard.access.Role;
import io.cyphermesh.dashboard.access.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
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
class LoginBrowserTest {
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
  void leave() throws IOException {
    visitor.leave();
    Files.deleteIfExists(visitor.token().resolveSibling("tokens.json"));
  }

  private TokenFile tokens() {
    return new TokenFile(visitor.token().resolveSibling("tokens.json"));
  }

  private String token(String name, Role role) throws IOException {
    Instant now = InstantSource.system().instant();
    return tokens().create(name, role, Optional.empty(), now, new SplittableRandom()).secret();
  }

  private Page privateNode() throws IOException {
    return visitor.open(visitor.serve(true, "0.0.0.0", 0), 1280, 900, ColorScheme.LIGHT);
  }

  private static void logIn(Page page, String token) {
    page.locator("#token").fill(token);
    page.keyboard().press("Enter");
  }

  @Test
  void aPrivateNodeLeadsToTheLoginAndComesBackLive() throws Exception {
    Page page =
        visitor.open(
            visitor.serve(true, "0.0.0.0", 0), "/events?type=x", 1280, 900, ColorScheme.LIGHT);
    assertThat(page).hasURL(Pattern.compile(".*/login\\?next=%2Fevents%3Ftype%3Dx"));
    logIn(page, "wrong");
    assertThat(page.locator("#outcome")).containsText("no token of this node");
    assertAccessible(page);
    shoot(page, "login-wrong.png", false);
    logIn(page, Files.readString(visitor.token()).strip());
    assertThat(page.locator("#live")).hasText("Live");
    assertThat(page.locator("#f-type")).hasValue("x");
    assertThat(page.evaluate("document.cookie")).isEqualTo("");
  }

  @Test
  void whoIsLoggedInActsWithoutGivingTheTokenAgain() throws Exception {
    Page page = privateNode();
    logIn(page, Files.readString(visitor.token()).strip());
    assertThat(page.locator("#login-link")).hasText("Logged in as api-token");
    page.navigate(page.url() + "plugins");
    assertThat(page.locator("#plugin-rows button").first()).isVisible();
    assertThat(page.locator("#plugins-locked")).isHidden();
  }

  @Test
  void whoMayReportIsOfferedThatAndNoMore() throws Exception {
    Page page = privateNode();
    logIn(page, token("sensor-7", Role.REPORT));
    assertThat(page.locator("#live")).hasText("Live");
    String home = page.url();
    page.navigate(home + "peers");
    assertThat(page.locator("#peers-locked")).isVisible();
    assertThat(page.locator("#add-peer")).isHidden();
    page.navigate(home + "plugins");
    assertThat(page.locator("#plugins-locked")).isVisible();
    page.navigate(home + "node");
    assertThat(page.locator("#config-locked")).containsText("yours is report");
    page.navigate(home + "events");
    page.locator("#report").click();
    page.locator("#r-source").fill("203.0.113.55");
    page.locator("#r-type").fill("by-hand");
    page.locator("#report-form button[type=submit]").click();
    assertThat(page.locator("#report-form .outcome")).containsText("Signed, stored and shared");
  }

  @Test
  void aRevokedTokenEndsItsLogin() throws Exception {
    Page page = privateNode();
    logIn(page, token("siem", Role.READ));
    assertThat(page.locator("#live")).hasText("Live");
    assertThat(page.locator("#login-link")).hasText("Logged in as siem");
    assertThat(tokens().revoke("siem")).isPresent();
    assertThat(page.locator("#ended")).isVisible();
    assertAccessible(page);
  }

  @Test
  void loggingOutIsOnTheSamePage() throws Exception {
    Page page = privateNode();
    logIn(page, Files.readString(visitor.token()).strip());
    page.locator("#login-link").click();
    assertThat(page.locator("#in")).isVisible();
    shoot(page, "login-in.png", false);
    page.locator("#logout").click();
    assertThat(page.locator("#login")).isVisible();
    page.navigate(page.url().replaceFirst("/login.*", "/"));
    assertThat(page.locator("#token")).isVisible();
  }

  @Test
  void aLinkToAnotherSiteLeadsToThisNode() throws Exception {
    Page page =
        visitor.open(
            visitor.serve(true, "0.0.0.0", 0),
            "/login?next=//evil.example/",
            1280,
            900,
            ColorScheme.LIGHT);
    logIn(page, Files.readString(visitor.token()).strip());
    assertThat(page.locator("h1")).hasText("Overview");
    assertThat(visitor.strangers()).isEmpty();
  }

  @Test
  void theLoginIsLegibleEverywhere() throws Exception {
    for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
      Page page = visitor.openRich("/", 1280, 900, scheme);
      page.locator("#login-link").click();
      assertThat(page.locator("#free")).isVisible();
      assertAccessible(page);
      String name = scheme.name().toLowerCase(Locale.ROOT);
      shoot(page, "login-" + name + ".png", false);
      page.setViewportSize(360, 740);
      assertNoSidewaysScroll(page);
      shoot(page, "login-" + name + "-phone.png", false);
      assertThat(visitor.complaints()).isEmpty();
    }
  }
}
