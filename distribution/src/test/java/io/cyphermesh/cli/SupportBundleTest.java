package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.testing.TestReporter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupportBundleTest {
  private static final List<String> SECRETS =
      List.of(
          "a-token-that-nobody-knows",
          "Hook-User",
          "Hook-Pass",
          "hook-query-value",
          "T000/B000/hook-path",
          "header-value-1",
          "header-value-2",
          "smtp-pass-word",
          "list-secret-1",
          "logged-bearer-token",
          "logged-password",
          "logged-api-key",
          "logged-user:logged-pass",
          "logged-query-value",
          "MIIEvQIBADANBgkqhkiG9w0BAQ",
          "key-of-a-list",
          "4711471",
          "quoted\"pass",
          "quoted\\\"pass",
          "p@ss",
          "ss@host",
          "ghp_abc",
          "comment-in-a-list");

  @TempDir private Path folder;
  private Path data;
  private Path file;

  @BeforeEach
  void plantSecrets() throws Exception {
    data = folder.resolve("data");
    file = folder.resolve("bundle.zip");
    SavedNode.make(data, TestReporter.create(), 5);
    Files.writeString(
        data.resolve("cyphermesh.conf"),
        """
        # password: the-password-of-a-comment
        port = 9005
        plugins.webhook-exporter {
          url = "https://Hook-User:Hook-Pass@hooks.example/T000/B000/hook-path?key=hook-query-value"
          headers { Authorization = "header-value-1", "X-Anything" = "header-value-2" }
        }
        plugins.mine { smtp { passwort = "x", password = "smtp-pass-word" }, secrets = ["list-secret-1"] }
        plugins.other {
          # comment-in-a-list
          outputs = [{ name = one, key = "key-of-a-list", pin = 4711471 }]
          passwd = "quoted\\"pass"
          dsn = "https://user:p@ss@host.example/"
        }
        """);
    Files.writeString(
        data.resolve("logs/cyphermesh.log"),
        """
        an ordinary line
        posting to https://Hook-User:Hook-Pass@hooks.example/T000/B000/hook-path?key=hook-query-value
        Authorization: Bearer logged-bearer-token
        connecting with password=logged-password, api_key: "logged-api-key"
        a-token-that-nobody-knows was given; X-Anything was header-value-2
        GET https://logged-user:logged-pass@host.example/path?x=logged-query-value failed
        {"token": "logged-bearer-token"}
        Authorization: Token ghp_abc
        sent key-of-a-list and 4711471 and quoted"pass and {"a":"quoted\\"pass"} to https://u:p@ss@host.example/
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQ
        -----END PRIVATE KEY-----
        another ordinary line
        """);
  }

  private Map<String, String> bundle(String... more) throws Exception {
    String[] arguments = new String[2 + more.length];
    arguments[0] = "support-bundle";
    arguments[1] = file.toString();
    System.arraycopy(more, 0, arguments, 2, more.length);
    Trial.Outcome outcome = new Trial(data).run(arguments);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    Map<String, String> texts = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        texts.put(
            entry.getName(),
            new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  @Test
  void noSecretIsInIt() throws Exception {
    Map<String, String> texts = bundle();
    String key = Files.readString(data.resolve("keys/private_key.pem"));
    texts.forEach(
        (name, text) -> {
          assertThat(text).as(name).doesNotContain(SECRETS).doesNotContain("of-a-comment");
          assertThat(text).as(name).doesNotContain(key.lines().skip(1).limit(1).toList());
        });
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void whatHelpsIsInIt() throws Exception {
    Map<String, String> texts = bundle();
    assertThat(texts)
        .containsKeys(
            "about.json",
            "settings.txt",
            "variables.txt",
            "database.json",
            "data-directory.txt",
            "logs/cyphermesh.log",
            "notes.txt")
        .doesNotContainKey("events.jsonl");
    assertThat(texts.get("settings.txt"))
        .contains("port = 9005")
        .contains("hooks.example")
        .contains("[removed]");
    assertThat(texts.get("logs/cyphermesh.log"))
        .contains("an ordinary line")
        .contains("another ordinary line")
        .contains("hooks.example");
    assertThat(texts.get("database.json")).contains("\"events\":5");
    assertThat(texts.get("data-directory.txt")).contains("rw------- ").contains("private_key.pem");
    assertThat(texts.get("notes.txt")).contains("no node runs");
  }

  @Test
  void eventsAreInItWhereTheyAreWanted() throws Exception {
    assertThat(bundle("--with-events"))
        .hasEntrySatisfying("events.jsonl", text -> assertThat(text.lines()).hasSize(5));
  }

  @Test
  void settingsThatCannotBeReadAreNoHindrance() throws Exception {
    Files.writeString(data.resolve("cyphermesh.conf"), "prot = 9005\n");
    assertThat(bundle().get("settings.txt")).contains("cannot be read").contains("prot");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dashboard.port = ghp_abc",
        "prot = ghp_abc",
        "= ghp_abc",
        "port = ${ghp_abc}",
        "password = \"ghp_abc",
        "headers {"
      })
  void settingsThatCannotBeReadGiveNoSecretAway(String fault) throws Exception {
    Path settings = data.resolve("cyphermesh.conf");
    Files.writeString(settings, Files.readString(settings) + fault + "\n");
    Map<String, String> texts = bundle();
    if (!fault.startsWith("prot") && !fault.startsWith("dashboard")) {
      assertThat(texts.get("settings.txt")).doesNotContain("ghp_abc");
    }
    List<String> secrets = SECRETS.stream().filter(each -> !each.equals("ghp_abc")).toList();
    texts.forEach((name, text) -> assertThat(text).as(name).doesNotContain(secrets));
    assertThat(texts.get("settings.txt")).contains("cannot be read: the fault is at " + settings);
  }

  @Test
  void shortSecretsLeaveItReadableAndAreTold() throws Exception {
    Path settings = data.resolve("cyphermesh.conf");
    Files.writeString(settings, Files.readString(settings) + "plugins.x.password = e\n");
    Map<String, String> texts = bundle();
    assertThat(texts.get("logs/cyphermesh.log")).contains("another ordinary line");
    assertThat(texts.get("notes.txt")).contains("shorter than 4 characters");
  }

  @Test
  void aFileThatIsThereIsKept() throws Exception {
    Files.writeString(file, "mine");
    Trial.Outcome outcome = new Trial(data).run("support-bundle", file.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("--force");
    assertThat(file).hasContent("mine");
  }
}
