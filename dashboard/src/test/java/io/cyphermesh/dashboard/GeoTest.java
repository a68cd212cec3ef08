package io.cyphermesh.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.dashboard.Geo.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class GeoTest {
  private static final Map<String, ?> NETHERLANDS =
      Map.of("country", Map.of("iso_code", "NL", "names", Map.of("en", "Netherlands")));
  private static final Map<String, ?> EXAMPLE =
      Map.of("autonomous_system_number", 64_500, "autonomous_system_organization", "Example BV");

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(GeoFile.class);

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  private long warnings() {
    return log.list.stream().filter(each -> each.getLevel() == Level.WARN).count();
  }

  private Geo geo(Path... files) {
    return new Geo(Arrays.asList(files), nanos::get);
  }

  private void wait(int seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private Path country() throws IOException {
    Path file = folder.resolve("geo.mmdb");
    Mmdb.ipv4("GeoLite2-Country").put(203, 0, 113, 0, 24, NETHERLANDS).write(file);
    return file;
  }

  private static Place place(String country, String name) {
    return new Place(Optional.of(country), Optional.of(name), Optional.empty(), Optional.empty());
  }

  @Test
  void anAddressHasTheCountryOfItsNetwork() throws Exception {
    Geo geo = geo(country());
    assertThat(geo.of("203.0.113.7")).isEqualTo(place("NL", "Netherlands"));
    assertThat(geo.of("::ffff:203.0.113.7")).isEqualTo(place("NL", "Netherlands"));
    assertThat(geo.of("203.0.114.7")).isEqualTo(Place.NOWHERE);
  }

  @Test
  void whatIsNoAddressIsNowhere() throws Exception {
    Geo geo = geo(country());
    for (String observable :
        List.of("evil.example", "", "203.0.113.7.", "203.0.113.0/24", "2001:db8::1", "<script>")) {
      assertThat(geo.of(observable)).as(observable).isEqualTo(Place.NOWHERE);
    }
    assertThat(warnings()).isZero();
  }

  @Test
  void aSecondFileAddsTheNetworksOwner() throws Exception {
    Path asn = folder.resolve("geo-asn.mmdb");
    Mmdb.ipv6("GeoLite2-ASN")
        .put(203, 0, 113, 0, 25, EXAMPLE)
        .put(InetAddress.getByName("2001:db8::").getAddress(), 32, EXAMPLE)
        .write(asn);
    Geo geo = geo(country(), asn);
    assertThat(geo.of("203.0.113.7"))
        .isEqualTo(
            new Place(
                Optional.of("NL"),
                Optional.of("Netherlands"),
                Optional.of(64_500L),
                Optional.of("Example BV")));
    assertThat(geo.of("203.0.113.200")).isEqualTo(place("NL", "Netherlands"));
    assertThat(geo.of("2001:db8::99").asn()).contains(64_500L);
  }

  @Test
  void aFileOfTheOtherFormIsReadAsWell() throws Exception {
    Path file = folder.resolve("lite.mmdb");
    Mmdb.ipv4("ipinfo lite")
        .put(
            203,
            0,
            113,
            0,
            24,
            Map.of(
                "country", "Netherlands", "country_code", "NL", "asn", "AS64500", "as_name", "Ex"))
        .put(198, 51, 100, 0, 24, Map.of("country", "FR", "country_name", "France", "asn", "x"))
        .write(file);
    Geo geo = geo(file);
    assertThat(geo.of("203.0.113.7"))
        .isEqualTo(
            new Place(
                Optional.of("NL"),
                Optional.of("Netherlands"),
                Optional.of(64_500L),
                Optional.of("Ex")));
    assertThat(geo.of("198.51.100.1")).isEqualTo(place("FR", "France"));
  }

  @Test
  void withoutAFileNothingIsSaidAndNothingIsLogged() {
    assertThat(geo(folder.resolve("geo.mmdb")).of("203.0.113.7")).isEqualTo(Place.NOWHERE);
    assertThat(log.list).isEmpty();
  }

  @Test
  void aBrokenFileIsOneWarning() throws Exception {
    Path file = folder.resolve("geo.mmdb");
    for (byte[] broken :
        List.of(
            new byte[0],
            "<html>not found</html>".getBytes(StandardCharsets.UTF_8),
            Arrays.copyOf(Mmdb.ipv4("x").put(203, 0, 113, 0, 24, NETHERLANDS).bytes(), 100))) {
      log.list.clear();
      Files.write(file, broken);
      Geo geo = geo(file);
      for (int i = 0; i < 3; i++) {
        assertThat(geo.of("203.0.113.7")).isEqualTo(Place.NOWHERE);
        wait(60);
      }
      assertThat(warnings()).isEqualTo(1);
      assertThat(log.list.getFirst().getFormattedMessage())
          .contains(file.toString())
          .contains("replace or remove it")
          .doesNotContain("\n");
    }
  }

  @Test
  void aFileWhoseDataIsBrokenIsOneWarning() throws Exception {
    byte[] bytes = Mmdb.ipv4("x").put(203, 0, 113, 0, 24, NETHERLANDS).bytes();
    // 24 nodes of 6 bytes, 16 bytes between, then the data: a pointer to nowhere.
    Arrays.fill(bytes, 24 * 6 + 16, 24 * 6 + 24, (byte) 0x3f);
    Path file = folder.resolve("geo.mmdb");
    Files.write(file, bytes);
    Geo geo = geo(file);
    for (int i = 0; i < 3; i++) {
      assertThat(geo.of("203.0.113.7")).isEqualTo(Place.NOWHERE);
    }
    assertThat(warnings()).isEqualTo(1);
  }

  @Test
  void aFileThatIsReplacedCountsSoonAfter() throws Exception {
    Path file = folder.resolve("geo.mmdb");
    Geo geo = geo(file);
    assertThat(geo.of("203.0.113.7")).isEqualTo(Place.NOWHERE);
    Path unused = country();
    assertThat(geo.of("203.0.113.7")).isEqualTo(Place.NOWHERE);
    wait(11);
    assertThat(geo.of("203.0.113.7").country()).contains("NL");
    Mmdb.ipv4("GeoLite2-Country")
        .put(203, 0, 113, 0, 24, Map.of("country", "FRA", "country_name", "France"))
        .write(unused);
    wait(11);
    assertThat(geo.of("203.0.113.7").country()).contains("FRA");
    Files.delete(file);
    wait(11);
    assertThat(geo.of("203.0.113.7")).isEqualTo(Place.NOWHERE);
  }

  @Test
  void eventsAndIndicatorsCarryIt() throws Exception {
    FakeNode node = new FakeNode(InstantSource.system());
    var event = node.store("203.0.113.7", "port-scan");
    node.store("evil.example", "phishing");
    try (Dashboard dashboard =
            Dashboard.start(
                new DashboardSettings(
                    new HostPort("127.0.0.1", 0),
                    false,
                    folder.resolve("api-token"),
                    List.of(),
                    Optional.empty(),
                    List.of(country())),
                node,
                node,
                ProcessView.NONE,
                () -> "",
                InstantSource.system());
        HttpClient http = HttpClient.newHttpClient()) {
      String origin = "http://127.0.0.1:" + dashboard.address().port();
      JsonObject geo =
          JsonParser.parseString(get(http, origin + "/api/v1/events/" + event.key()))
              .getAsJsonObject()
              .getAsJsonObject("geo");
      assertThat(geo.get("country").getAsString()).isEqualTo("NL");
      assertThat(geo.get("countryName").getAsString()).isEqualTo("Netherlands");
      assertThat(geo.get("asn").isJsonNull()).isTrue();
      assertThat(geo.get("organisation").isJsonNull()).isTrue();
      for (String path :
          List.of(
              "/api/v1/events",
              "/api/v1/events.ndjson",
              "/api/v1/events/" + event.key() + "/related",
              "/api/v1/indicators?q=203.0.113.7")) {
        assertThat(get(http, origin + path)).as(path).contains("\"country\":\"NL\"");
      }
      assertThat(get(http, origin + "/api/v1/indicators?q=evil.example")).doesNotContain("\"geo\"");
    }
  }

  private static String get(HttpClient http, String uri) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
