package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.dashboard.access.AuditLog;
import io.cyphermesh.dashboard.access.TokenBook;
import io.cyphermesh.dashboard.access.TokenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir private Path folder;
  private Trial trial;

  @BeforeEach
  void prepare() {
    trial = new Trial(folder);
  }

  private TokenBook book() {
    return new TokenBook(
        new TokenFile(folder.resolve("tokens.json")), InstantSource.fixed(NOW), () -> 0);
  }

  @Test
  void aTokenIsPrintedAloneAndCounts() throws Exception {
    Trial.Outcome made = trial.run("token", "create", "--name", "siem", "--role", "read");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).matches("cypher_[A-Za-z0-9_-]{43}\n");
    assertThat(made.err()).contains("not shown again");
    assertThat(book().find(made.out().strip())).isPresent();
    assertThat(Files.getPosixFilePermissions(folder.resolve("tokens.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void tokensAreListedWithoutTheirSecrets() {
    assertThat(trial.run("token").out()).contains("No tokens");
    String secret = trial.run("token", "create", "--name", "a", "--role", "admin").out().strip();
    trial.run("token", "create", "--name", "b", "--role", "report", "--expires", "90d");
    Trial.Outcome list = trial.run("token", "list");
    assertThat(list.out())
        .contains("admin", "report", "never", "2027-02-20T10:00:00Z")
        .doesNotContain(secret);
    assertThat(trial.run("token", "list", "--json").lines())
        .hasSize(2)
        .allMatch(line -> !line.contains("sha256"));
  }

  @Test
  void aRevokedTokenCountsNoMore() throws Exception {
    Trial.Outcome made = trial.run("token", "create", "--name", "siem", "--role", "read", "--json");
    assertThat(made.json().get("role").getAsString()).isEqualTo("read");
    String secret = made.json().get("secret").getAsString();
    assertThat(trial.run("token", "revoke", "siem").out()).isEqualTo("siem is revoked.\n");
    assertThat(book().find(secret)).isEmpty();
    Trial.Outcome again = trial.run("token", "revoke", "siem");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("there is no token 'siem'");
  }

  @Test
  void whatIsDoneWithoutANodeStandsInTheAuditLogAsWell() throws Exception {
    trial.run("token", "create", "--name", "siem", "--role", "read");
    trial.run("token", "revoke", "siem");
    AuditLog audit = new AuditLog(folder.resolve("audit.log"), InstantSource.fixed(NOW), () -> 0L);
    assertThat(audit.page(10, Long.MAX_VALUE))
        .extracting(entry -> entry.via() + " " + entry.what() + " " + entry.about())
        .containsExactly(
            "cli cyphermesh token revoke siem (read)", "cli cyphermesh token create siem (read)");
  }

  @Test
  void whatCannotBeIsToldInOneLine() {
    assertThat(trial.run("token", "create", "--name", "x", "--role", "root").code()).isEqualTo(2);
    assertThat(trial.run("token", "create", "--name", "x y", "--role", "read").code()).isEqualTo(1);
    assertThat(
            trial
                .run("token", "create", "--name", "x", "--role", "read", "--expires", "soon")
                .err())
        .contains("--expires: write 12h");
    trial.run("token", "create", "--name", "x", "--role", "read");
    assertThat(trial.run("token", "create", "--name", "x", "--role", "read").err())
        .contains("revoke it first");
  }

  @Test
  void aNodeThatIsStartingIsWaitedFor() throws Exception {
    NodeLock lock = NodeLock.tryAcquire(new DataDirectory(folder)).orElseThrow();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                lock.close();
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    assertThat(trial.run("token", "list").code()).isZero();
  }
}
