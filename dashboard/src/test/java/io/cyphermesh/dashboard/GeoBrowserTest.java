package io.cyphermesh.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.cyphermesh.dashboard.Visitor.assertAccessible;
import static io.cyphermesh.dashboard.Visitor.assertNoSidewaysScroll;
import static io.cyphermesh.dashboard.Visitor.shoot;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Countries and networks of addresses as a browser shows them. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeoBrowserTest {
  private static final String NETHERLANDS = "Netherlands · AS64500 · Example Carrier BV";

  private Visitor visitor;

  @BeforeAll
  void launch(@TempDir Path folder) throws IOException {
    visitor = Visitor.launch(folder);
    Path countries = folder.resolve("geo.mmdb");
    Mmdb.ipv6("GeoLite2-Country")
        .put(203, 0, 113, 0, 24, country("NL", "Netherlands"))
        .put(198, 51, 100, 0, 26, country("VC", "St Vincent and Grenadines"))
        .put(address("2001:db8:85a3::"), 48, country("DE", "Germany"))
        .write(countries);
    Path networks = folder.resolve("geo-asn.mmdb");
    Mmdb.ipv6("GeoLite2-ASN")
        .put(203, 0, 113, 0, 24, network(64_500, "Example Carrier BV"))
        .put(
            198,
            51,
            100,
            0,
            24,
            network(
                4_200_000_001L,
                "<i>Ministry</i> of Telecommunications, Directorate-General for International Transit"))
        .put(192, 0, 2, 0, 24, network(64_501, "Nowhere Hosting"))
        .write(networks);
    visitor.geo(List.of(countries, networks));
  }

  private static byte[] address(String text) throws IOException {
    return InetAddress.getByName(text).getAddress();
  }

  private static Map<String, ?> country(String code, String name) {
    return Map.of("country", Map.of("iso_code", code, "names", Map.of("en", name)));
  }

  private static Map<String, ?> network(long number, String organisation) {
    return Map.of(
        "autonomous_system_number", number, "autonomous_system_organization", organisation);
  }

  @AfterAll
  void quit() {
    visitor.close();
  }

  @AfterEach
  void leave() {
    visitor.leave();
  }

  private void assertWhole(Page page, String name, int width, ColorScheme scheme) {
    shoot(
        page,
        "geo-" + name + "-" + scheme.name().toLowerCase(Locale.ROOT) + "-" + width + ".png",
        false);
    assertAccessible(page);
    assertNoSidewaysScroll(page);
    assertThat(visitor.complaints()).isEmpty();
    assertThat(visitor.strangers()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1280,LIGHT", "1280,DARK", "375,LIGHT", "375,DARK"})
  void eventsAndIndicatorsSayWhereTheirAddressesAre(int width, ColorScheme scheme)
      throws Exception {
    Page page = visitor.openRich("/events", width, 812, scheme);
    Locator ours = page.locator("#event-rows tr").filter(has(page, "203.0.113.7")).first();
    assertThat(ours.locator(".geo")).hasText("NL");
    assertThat(ours.locator(".geo")).hasAttribute("title", NETHERLANDS);
    assertThat(page.locator("#event-rows tr").filter(has(page, "192.0.2.141")).locator(".geo"))
        .hasText("AS64501");
    assertWhole(page, "events", width, scheme);

    ours.locator("a").first().click();
    assertThat(page.locator("#sheet")).containsText(NETHERLANDS);
    assertWhole(page, "sheet", width, scheme);

    String key = visitor.node().events(1, Optional.empty()).events().getFirst().key();
    page.navigate(page.url().replaceFirst("/events.*", "/events/" + key));
    assertThat(page.locator(".event-view")).containsText(NETHERLANDS);
    page.locator(".checks .passed").first().waitFor();
    assertWhole(page, "event", width, scheme);

    page.navigate(page.url().replaceFirst("/events.*", "/indicators"));
    Locator row = page.locator("#indicator-rows tr").filter(has(page, "203.0.113.7")).first();
    assertThat(row.locator(".second")).hasText(NETHERLANDS);
    assertThat(page.locator("#indicator-rows")).containsText("AS64501 · Nowhere Hosting");
    assertThat(page.locator("#indicator-rows")).containsText("<i>Ministry</i> of");
    assertWhole(page, "indicators", width, scheme);
  }

  private static Locator.FilterOptions has(Page page, String address) {
    return new Locator.FilterOptions()
        .setHas(page.getByText(address, new Page.GetByTextOptions().setExact(true)));
  }

  @Test
  void anEventThatArrivesSaysItAsWell() throws Exception {
    Page page = visitor.openRich("/events", 1280, 800, ColorScheme.LIGHT);
    page.locator("#event-rows tr").first().waitFor();
    visitor.node().store("203.0.113.222", "port-scan");
    Locator row = page.locator("#event-rows tr").filter(has(page, "203.0.113.222"));
    assertThat(row.locator(".geo")).hasText("NL");
    assertThat(visitor.complaints()).isEmpty();
  }
}
