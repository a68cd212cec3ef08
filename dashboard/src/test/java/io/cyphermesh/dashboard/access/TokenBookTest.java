package io.cyphermesh.dashboard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenBookTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path folder;

  private final SecureRandom random = new SecureRandom();
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final InstantSource clock = now::get;
  private final AtomicLong nanos = new AtomicLong();
  private TokenFile file;
  private TokenBook book;

  @BeforeEach
  void open() {
    file = new TokenFile(folder.resolve("tokens.json"));
    book = new TokenBook(file, clock, nanos::get);
  }

  private TokenFile.Made make(String name, Role role) throws IOException {
    return file.create(name, role, Optional.empty(), NOW, random);
  }

  private void aSecondLater() {
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void aTokenIsFoundByItsSecretAndTheFileDoesNotHoldIt() throws Exception {
    TokenFile.Made made = make("siem", Role.READ);
    assertThat(made.secret()).matches("cypher_[A-Za-z0-9_-]{43}");
    assertThat(book.find(made.secret())).contains(made.token());
    assertThat(book.find(made.secret() + "x")).isEmpty();
    assertThat(book.find("")).isEmpty();
    assertThat(Files.readString(folder.resolve("tokens.json")))
        .doesNotContain(made.secret())
        .doesNotContain(made.secret().substring(7))
        .contains(made.token().sha256());
  }

  @Test
  void theHashIsNoSecret() throws Exception {
    TokenFile.Made made = make("siem", Role.READ);
    assertThat(book.find(made.token().sha256())).isEmpty();
  }

  @Test
  void theFileIsItsOwnersAlone() throws Exception {
    make("siem", Role.READ);
    assertThat(Files.getPosixFilePermissions(folder.resolve("tokens.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void aTokenThatIsRevokedElsewhereCountsNoMoreASecondLater() throws Exception {
    TokenFile.Made made = make("siem", Role.READ);
    assertThat(book.find(made.secret())).isPresent();
    new TokenFile(folder.resolve("tokens.json")).revoke("siem");
    aSecondLater();
    assertThat(book.find(made.secret())).isEmpty();
    assertThat(book.counts(made.token())).isFalse();
  }

  @Test
  void aTokenIsRevokedByItsIdToo() throws Exception {
    TokenFile.Made made = make("siem", Role.READ);
    assertThat(file.revoke(made.token().id())).contains(made.token());
    assertThat(file.revoke("siem")).isEmpty();
  }

  @Test
  void aTokenEndsWhenItExpires() throws Exception {
    TokenFile.Made made =
        file.create("guest", Role.READ, Optional.of(NOW.plusSeconds(60)), NOW, random);
    assertThat(book.find(made.secret())).isPresent();
    now.set(NOW.plusSeconds(60));
    assertThat(book.find(made.secret())).isEmpty();
    assertThat(book.counts(made.token())).isFalse();
  }

  @Test
  void aNameIsGivenOnce() throws Exception {
    make("siem", Role.READ);
    assertThatThrownBy(() -> make("siem", Role.ADMIN))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("revoke it first");
    assertThatThrownBy(() -> make("../x", Role.READ)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.create("old", Role.READ, Optional.of(NOW), NOW, random))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thereAreOnlySoMany() throws Exception {
    for (int i = 0; i < TokenFile.MOST; i++) {
      make("t" + i, Role.READ);
    }
    assertThatThrownBy(() -> make("more", Role.READ)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void ofAFileThatOthersMayWriteNothingCounts() throws Exception {
    TokenFile.Made made = make("siem", Role.ADMIN);
    Files.setPosixFilePermissions(
        folder.resolve("tokens.json"), PosixFilePermissions.fromString("rw--w----"));
    assertThat(book.find(made.secret())).isEmpty();
    assertThatThrownBy(file::read).hasMessageContaining("chmod 600");
  }

  @Test
  void aDamagedFileIsToldAndNothingOfItCounts() throws Exception {
    TokenFile.Made made = make("siem", Role.ADMIN);
    Files.writeString(folder.resolve("tokens.json"), "{\"version\":1,\"tokens\":[{}]}");
    assertThat(book.find(made.secret())).isEmpty();
    assertThatThrownBy(file::read).hasMessageContaining("damaged");
    assertThatThrownBy(() -> make("x", Role.READ)).hasMessageContaining("damaged");
  }

  @Test
  void aRoleIncludesThoseBeforeIt() {
    assertThat(Role.ADMIN.includes(Role.REPORT)).isTrue();
    assertThat(Role.REPORT.includes(Role.READ)).isTrue();
    assertThat(Role.READ.includes(Role.REPORT)).isFalse();
    assertThat(Role.of("READ")).isEmpty();
  }
}
