package io.cyphermesh.cli.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScrubberTest {
  private static Scrubber scrubber(String settings, String... known) {
    return Scrubber.knowing(
        Set.of(known), Map.of(), ConfigFactory.parseString(settings).resolve().root());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token",
        "a://a.a.a",
        "a.",
        "a://",
        "a://b@",
        "a://b?",
        "token=",
        "token=\"",
        "token=\\\"",
        "token=\"\\\\",
        "token=[",
        "token: bearer ",
        "bearer ",
        "basic     ",
        "Key",
        "aB-",
        "key=x ",
        "=",
        ": ",
        "\"",
        "\\",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "-----END -----",
        " "
      })
  void hostileLinesTakeTimeInProportion(String part) {
    String line = part.repeat(1_000_000 / part.length());
    Scrubber scrubber = scrubber("password = some-password");
    assertTimeoutPreemptively(
        Duration.ofSeconds(2),
        () -> {
          assertThat(scrubber.scrub(line)).isNotNull();
          assertThat(scrubber.scrub("token=\"" + line)).isNotNull();
        });
  }

  @Test
  void longLinesOfLogsAreCut() {
    assertThat(scrubber("").scrubLog("a\n" + "x".repeat(20_000) + "\nb"))
        .isEqualTo("a\n" + "x".repeat(16_384) + "[cut: 3616 more characters]\nb");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key",
        "access-key",
        "accessKey",
        "ACCESS_KEY",
        "api-key",
        "apiKey",
        "apikey",
        "x-api-key",
        "auth",
        "smtpAuth",
        "pass",
        "dbPass",
        "passwd",
        "pwd",
        "db.pwd",
        "pin",
        "dsn",
        "sentryDSN",
        "credential",
        "credentials",
        "bearer",
        "cookie",
        "session",
        "access-keys",
        "passphrase",
        "clientSecret",
        "Proxy-Authorization",
        "private-key"
      })
  void namesOfSecrets(String name) {
    assertThat(SecretNames.isSecret(name)).isTrue();
    assertThat(scrubber("list = [{ \"" + name + "\" = \"value-one\" }]").scrub("x value-one x"))
        .isEqualTo("x [removed] x");
    assertThat(scrubber("").scrub(name + "=value-one")).doesNotContain("value-one");
    assertThat(scrubber("").scrub("{\"" + name + "\": \"value-one\", \"a\": 1}"))
        .doesNotContain("value-one")
        .contains("\"a\": 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "public-key",
        "publicKey",
        "keys",
        "key-count",
        "key-file",
        "monkey",
        "pinned",
        "sessions",
        "author",
        "passed",
        "bypass",
        "keyboard",
        "session-timeout"
      })
  void namesOfWhatIsNoSecret(String name) {
    assertThat(SecretNames.isSecret(name)).isFalse();
    assertThat(scrubber("").scrub(name + ": 12345")).isEqualTo(name + ": 12345");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://user:p@ss@host/x y | https://[removed]@host/x y",
        "https://user:pass@host?a=b y | https://[removed]@host?[removed] y",
        "https://host/x#access_token=abc y | https://host/x#[removed] y",
        "a://b://c:d@e | a://b://[removed]@e",
        "https://host/x mail a@b | https://host/x mail a@b",
        "Authorization: Token ghp_abc def | Authorization: [removed]",
        "proxy-authorization=Digest a=b, c=d | proxy-authorization=[removed]",
        "Set-Cookie: a=b; Path=/; c=d | Set-Cookie: [removed]",
        "Cookie: a=b; c=d | Cookie: [removed]",
        "password=a,b;c d | password=[removed] d",
        "password => abcd e | password => [removed] e",
        "token: bearer abc def | token: [removed] def",
        "auth=true | auth=true",
        "x {\\\"token\\\":\\\"ab\\\\\\\"cd\\\",\\\"b\\\":1} | x {\\\"token\\\":[removed],\\\"b\\\":1}",
        "{\"secrets\":[\"ab\",\"cd\"],\"b\":1} | {\"secrets\":[removed],\"b\":1}"
      })
  void whatLooksLikeASecretGoes(String line, String clean) {
    assertThat(scrubber("").scrub(line)).isEqualTo(clean);
  }

  @Test
  void addressesInSettingsAreSecretsEvenIfTheyAreWrong() {
    Scrubber scrubber = scrubber("url = \"https://user:p@ss@host/hook/path?query\"");
    assertThat(scrubber.scrub("p@ss, hook/path, query, user"))
        .doesNotContain("p@ss", "hook", "query", "user");
  }

  @Test
  void numbersAreSecretsAsWellButNotWithinOthers() {
    Scrubber scrubber = scrubber("pin = 001234, list = [{ pin = 5678 }]");
    assertThat(scrubber.scrub("001234 1234 5678 156789"))
        .isEqualTo("[removed] [removed] [removed] 156789");
  }

  @Test
  void secretsAreFoundInTheFormsOfJsonAndAddresses() {
    Scrubber scrubber = scrubber("", "pä\"s\\s/wörd");
    assertThat(
            scrubber.scrub(
                "pä\"s\\s/wörd pä\\\"s\\\\s/wörd p\\u00e4\\\"s\\\\s/w\\u00f6rd"
                    + " p\\u00E4\\\"s\\\\s/w\\u00F6rd p%C3%A4%22s%5Cs%2Fw%C3%B6rd"))
        .isEqualTo("[removed] [removed] [removed] [removed] [removed]");
  }

  @Test
  void settingsAreShownWithoutOriginsCommentsAndSecrets() {
    String settings =
        """
        # comment-one
        names = [
          # comment-two
          one, "a \\"b\\""
        ]
        list = [{ name = x, pin = 99 }]
        headers { "name-secret" = "v" }
        n = 5
        """;
    Config config = ConfigFactory.parseString(settings).resolve();
    assertThat(scrubber(settings).settings(config))
        .isEqualTo(
            """
            headers = [removed]
            list = [{"name":"x","pin":"[removed]"}]
            n = 5
            names = ["one","a \\"b\\""]
            """);
  }

  @Test
  void aShortSecretLeavesTheTextReadable() {
    Scrubber scrubber = scrubber("password = a, pin = 12");
    assertThat(scrubber.scrub("an area of 12 in all")).isEqualTo("an area of 12 in all");
    assertThat(scrubber.scrub("password = a")).isEqualTo("password = [removed]");
    assertThat(scrubber.notes()).singleElement().asString().startsWith("2 secrets");
    assertThat(scrubber("a = b").notes()).isEmpty();
  }

  @Test
  void privateKeysGoOverManyLinesOrOne() {
    assertThat(
            scrubber("")
                .scrub(
                    "a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb\n"
                        + "c -----BEGIN EC PRIVATE KEY-----\\nMIIE\\n-----END EC PRIVATE KEY----- d\n"))
        .isEqualTo("a\n[removed]\nb\nc [removed] d\n");
  }

  @Test
  void faultsAreNamedByTheirPlaceAlone() {
    assertThat(BrokenSettings.place("/etc/x.conf:12: dashboard.port: 'abc' is not right"))
        .isEqualTo("/etc/x.conf:12");
    assertThat(BrokenSettings.place("CYPHER_PORT: 'abc' is not right")).isEqualTo("CYPHER_PORT");
    assertThat(BrokenSettings.place("/etc/x.conf: abc")).isEqualTo("/etc/x.conf");
  }
}
