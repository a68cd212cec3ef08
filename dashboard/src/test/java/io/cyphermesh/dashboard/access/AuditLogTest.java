package io.cyphermesh.dashboard.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();

  private Path file() {
    return folder.resolve("audit.log");
  }

  private AuditLog open(long fileBytes) {
    return new AuditLog(file(), InstantSource.fixed(NOW), nanos::get, fileBytes);
  }

  private static void add(AuditLog log, int count) {
    for (int i = 0; i < count; i++) {
      log.did("siem", "token", "192.0.2.1", "POST /api/v1/peers", "peer " + i, 201, "");
    }
  }

  @Test
  void aChangeIsOneLineOfJsonWhateverItHolds() throws Exception {
    AuditLog log = open(AuditLog.FILE_BYTES);
    log.did("siem", "session", "::1", "POST /x\n{\"seq\":9}", "<script>\u2028\r\n", 403, "no\n");
    assertThat(Files.readAllLines(file())).hasSize(1);
    AuditEntry entry = log.page(10, Long.MAX_VALUE).getFirst();
    assertThat(entry)
        .isEqualTo(
            new AuditEntry(
                1,
                NOW,
                "siem",
                "session",
                "::1",
                "POST /x\n{\"seq\":9}",
                "<script>\u2028\r\n",
                403,
                "no\n"));
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void pagesGoBackThroughAllFilesWithoutAGap() throws Exception {
    AuditLog log = open(2_000);
    add(log, 60);
    assertThat(folder.resolve("audit.log.3")).exists();
    List<Long> seqs = new ArrayList<>();
    long before = Long.MAX_VALUE;
    List<AuditEntry> page = log.page(7, before);
    while (!page.isEmpty()) {
      page.forEach(entry -> seqs.add(entry.seq()));
      page = log.page(7, page.getLast().seq());
    }
    assertThat(seqs.getFirst()).isEqualTo(60);
    for (int i = 1; i < seqs.size(); i++) {
      assertThat(seqs.get(i)).isEqualTo(seqs.get(i - 1) - 1);
    }
  }

  @Test
  void itNeverGrowsBeyondItsFiles() throws Exception {
    AuditLog log = open(2_000);
    add(log, 500);
    try (var files = Files.list(folder)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(AuditLog.FILES);
      for (Path each : all) {
        assertThat(Files.size(each)).isLessThanOrEqualTo(2_000);
      }
    }
  }

  @Test
  void numbersGoOnAfterARestartAlsoBehindAHalfLine() throws Exception {
    add(open(AuditLog.FILE_BYTES), 3);
    Files.writeString(file(), "{\"seq\":4,\"ti", StandardOpenOption.APPEND);
    AuditLog again = open(AuditLog.FILE_BYTES);
    add(again, 1);
    assertThat(again.page(10, Long.MAX_VALUE))
        .extracting(AuditEntry::seq)
        .containsExactly(4L, 3L, 2L, 1L);
  }

  @Test
  void strangersCannotMakeItForget() throws Exception {
    AuditLog log = open(AuditLog.FILE_BYTES);
    add(log, 1);
    for (int i = 0; i < 10_000; i++) {
      log.refused("203.0.113.9", "POST /api/v1/login", 401, "no token");
    }
    add(log, 1);
    List<AuditEntry> all = log.page(500, Long.MAX_VALUE);
    assertThat(all).hasSize(103);
    assertThat(all.get(1).what()).isEqualTo("9900 more requests of strangers were refused");
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    log.refused("203.0.113.9", "POST /api/v1/login", 401, "no token");
    assertThat(log.page(1, Long.MAX_VALUE).getFirst().from()).isEqualTo("203.0.113.9");
  }

  @Test
  void noTokensHolderCanMakeItForgetByWhatHeIsRefusedOrMayDoOften() throws Exception {
    AuditLog log = open(AuditLog.FILE_BYTES);
    add(log, 1);
    String path = "POST /api/v1/plugins/" + "<".repeat(3_000) + "/enable";
    for (int i = 0; i < 10_000; i++) {
      log.didOften("ann", "token", "192.0.2.1", path, "", 403, "this needs another role");
      log.didOften("ids", "token", "192.0.2.1", "POST /api/v1/events", "0".repeat(64), 201, "");
    }
    add(log, 1);
    List<AuditEntry> all = log.page(500, Long.MAX_VALUE);
    assertThat(all).hasSize(204);
    assertThat(all.getLast().who()).isEqualTo("siem");
    assertThat(all.subList(1, 3))
        .extracting(entry -> entry.who() + ": " + entry.what())
        .containsExactlyInAnyOrder(
            "ann: 9900 more requests of his were refused",
            "ids: 9900 more requests of his were granted");
    assertThat(Files.size(file())).isLessThan(100_000);
  }

  @Test
  void whatIsLeftOutIsToldOnceAMinute() throws Exception {
    AuditLog log = open(AuditLog.FILE_BYTES);
    for (int i = 0; i < 1_000; i++) {
      log.didOften("ann", "token", "192.0.2.1", "POST /x", "", 403, "");
      add(log, i % 10 == 0 ? 1 : 0);
    }
    assertThat(told(log)).isEqualTo(1);
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    log.didOften("ann", "token", "192.0.2.1", "POST /x", "", 403, "");
    assertThat(told(log)).isEqualTo(2);
  }

  private static long told(AuditLog log) throws IOException {
    return log.page(500, Long.MAX_VALUE).stream()
        .filter(entry -> entry.what().contains(" more requests"))
        .count();
  }

  @Test
  void longTextsAreCut() throws IOException {
    AuditLog log = open(AuditLog.FILE_BYTES);
    log.refused("203.0.113.9", "POST /" + "x".repeat(4_000), 404, "");
    assertThat(log.page(1, Long.MAX_VALUE).getFirst().what()).hasSize(201);
    for (String dear : List.of("<", "\u0000", "\u2028", "\"", "\\", "ä", "漢", "\ud83d\ude00")) {
      String text = dear.repeat(300);
      String cut = new AuditEntry(0, NOW, "", "", "", text, "", 0, "").what();
      assertThat(new AuditEntry(0, NOW, "", "", "", text, "", 0, "").line().getBytes(UTF_8))
          .as(dear)
          .hasSizeLessThan(360);
      assertThat(new AuditEntry(0, NOW, "", "", "", cut, "", 0, "").what()).isEqualTo(cut);
    }
  }
}
