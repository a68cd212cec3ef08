package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.NodeLock;
import io.cyphermesh.cli.data.Reset;
import io.cyphermesh.core.testing.TestReporter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code backup}, {@code restore} and {@code check}. */
class BackupCommandsTest {
  private static TestReporter reporter;

  @TempDir private Path folder;
  private Path old;
  private Path fresh;
  private Path file;
  private String nodeId;

  @BeforeAll
  static void makeReporter() {
    reporter = TestReporter.create();
  }

  @BeforeEach
  void saveANode() throws Exception {
    old = folder.resolve("old");
    fresh = folder.resolve("fresh");
    file = folder.resolve("node.zip");
    nodeId = SavedNode.make(old, reporter, 40);
  }

  private Trial.Outcome backup() {
    return new Trial(old).run("backup", file.toString());
  }

  private Trial.Outcome restore(String... more) {
    String[] arguments = Arrays.copyOf(new String[] {"restore", file.toString()}, 2 + more.length);
    System.arraycopy(more, 0, arguments, 2, more.length);
    return new Trial(fresh).run(arguments);
  }

  private static void assertOneLine(Trial.Outcome outcome, int code, String text) {
    assertThat(outcome.code()).isEqualTo(code);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).singleElement().asString().contains(text);
  }

  @Test
  void whatIsRestoredIsTheSameNode() throws Exception {
    assertThat(backup().code()).isZero();
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));

    Trial.Outcome outcome = restore();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).contains(nodeId.substring(0, 12)).contains("40 events");
    for (String name :
        List.of(
            "keys/private_key.pem",
            "keys/public_key.pem",
            "cyphermesh.conf",
            "api-token",
            "plugins.json",
            "plugins-data/own/state")) {
      assertThat(fresh.resolve(name)).hasSameBinaryContentAs(old.resolve(name));
      assertThat(Files.getPosixFilePermissions(fresh.resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(fresh.resolve("logs")).doesNotExist();
    assertThat(fresh.resolve("restore-new")).doesNotExist();
    assertThat(fresh.resolve("restore.json")).doesNotExist();
    Trial.Outcome check = new Trial(fresh).run("check", "--json");
    assertThat(check.code()).isZero();
    assertThat(check.json().get("events").getAsInt()).isEqualTo(40);
    assertThat(new Trial(fresh).run("events", "--limit", "100", "--json").lines()).hasSize(40);
  }

  @Test
  void nothingIsLeftBesideTheBackup() throws Exception {
    Path killed = Files.createDirectory(folder.resolve("node.zip.part-1"));
    Files.writeString(killed.resolve("lock"), "");
    Files.writeString(killed.resolve("db"), "of one that was killed");
    assertThat(backup().code()).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(old, file);
    }
  }

  @Test
  void aFileThatIsThereIsReplacedOnlyByForce() throws Exception {
    Files.writeString(file, "mine");
    assertOneLine(backup(), 1, "--force");
    assertThat(file).hasContent("mine");
    assertThat(new Trial(old).run("backup", "--force", file.toString()).code()).isZero();
    assertThat(restore().code()).isZero();
  }

  @Test
  void draftsOfABackupThatRunsAreLeftAlone() throws Exception {
    Path other = Files.createDirectory(folder.resolve("node.zip.part-1"));
    try (FileChannel lock =
            FileChannel.open(
                other.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      assertThat(held.isValid()).isTrue();
      assertThat(backup().code()).isZero();
    }
    assertThat(other.resolve("lock")).exists();
  }

  @Test
  void whatIsNoRegularFileIsNeverReplaced() throws Exception {
    Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "mine");
    Files.createSymbolicLink(file, elsewhere);
    assertOneLine(backup(), 1, "no regular file");
    assertOneLine(new Trial(old).run("backup", "--force", file.toString()), 1, "no regular file");
    assertOneLine(new Trial(old).run("backup", "--force", "/dev/null"), 1, "no regular file");
    assertThat(elsewhere).hasContent("mine");
  }

  @Test
  void foldersThatLieElsewhereByALinkAreSaved() throws Exception {
    for (String name : List.of("keys", "plugins-data")) {
      Path elsewhere = folder.resolve("elsewhere-" + name);
      Files.move(old.resolve(name), elsewhere);
      Files.createSymbolicLink(old.resolve(name), elsewhere);
    }
    assertThat(backup().code()).isZero();
    assertThat(restore().code()).isZero();
    assertThat(fresh.resolve("keys/private_key.pem"))
        .hasSameBinaryContentAs(old.resolve("keys/private_key.pem"));
    assertThat(fresh.resolve("plugins-data/own/state")).exists();
  }

  @Test
  void withoutItsKeyANodeIsNotSaved() throws Exception {
    Files.delete(old.resolve("keys/private_key.pem"));
    Files.createSymbolicLink(old.resolve("keys/private_key.pem"), folder.resolve("nowhere"));
    assertOneLine(backup(), 1, "private_key.pem cannot be backed up");
    assertThat(file).doesNotExist();
  }

  @Test
  void countersThatAreOffAreToldAndRestored() throws Exception {
    update("UPDATE state SET stored = 7");
    assertThat(backup().code()).isZero();
    Trial.Outcome outcome = restore();
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err().lines()).singleElement().asString().contains("7 events are noted");
  }

  @Test
  void aPeerUnderAnothersKeyIsNotSaved() throws Exception {
    update("UPDATE peer SET id = zeroblob(32) WHERE key IS NOT NULL");
    assertOneLine(backup(), 1, "is damaged");
    assertThat(file).doesNotExist();
  }

  private void update(String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + old.resolve("cyphermesh.db"));
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  @Test
  void sizesThatCannotBeAreRefused() throws Exception {
    backup();
    for (long size : new long[] {-1, Long.MAX_VALUE}) {
      Map<String, byte[]> entries = read();
      JsonObject manifest = manifest(entries);
      manifest.getAsJsonArray("files").get(0).getAsJsonObject().addProperty("size", size);
      entries.put("manifest.json", bytes(manifest.toString()));
      write(entries);
      assertOneLine(restore(), 1, "manifest.json is damaged");
    }
  }

  /** As though it had been killed before the last moves, or with other names in its journal. */
  private void cutOff(String aside, String old) throws Exception {
    Path staging = Files.createDirectories(fresh.resolve("restore-new"));
    for (String name : List.of("cyphermesh.db", "keys", "cyphermesh.conf")) {
      if (Files.exists(fresh.resolve(name))) {
        Files.move(fresh.resolve(name), staging.resolve(name));
      }
    }
    Files.writeString(
        fresh.resolve("restore.json"),
        """
        {"backup": "%s", "aside": "%s", "old": ["%s"],
        "fresh": ["cyphermesh.conf", "cyphermesh.db", "keys"], "cleared": true}
        """
            .formatted(sha256OfManifest(), aside, old));
  }

  @Test
  void aJournalMovesNothingButWhatARestoreMoves() throws Exception {
    backup();
    assertThat(restore().code()).isZero();
    cutOff("before-restore-2026", "../old");
    assertOneLine(restore("--force"), 1, "restore.json is damaged");
    cutOff("../away", "keys");
    assertOneLine(restore("--force"), 1, "restore.json is damaged");
    assertThat(old).exists();
  }

  @Test
  void whatWouldMeetHalfARestoreRefusesOrFinishesIt() throws Exception {
    backup();
    assertThat(restore().code()).isZero();
    cutOff("before-restore-2026", "keys");
    Path other = folder.resolve("other.zip");
    assertOneLine(new Trial(fresh).run("backup", "--force", other.toString()), 1, "cut off");
    assertOneLine(new Trial(fresh).run("support-bundle", other.toString()), 1, "cut off");
    assertOneLine(new Trial(fresh).run("plugins", "remove", "any"), 1, "cut off");
    assertThat(other).doesNotExist();

    assertThat(new Trial(fresh).run("add-peer", "192.0.2.1:9001").code()).isZero();
    assertThat(fresh.resolve("restore.json")).doesNotExist();
    assertThat(fresh.resolve("keys/private_key.pem")).exists();

    cutOff("before-restore-2026", "keys");
    assertThat(new Trial(fresh).run("reset", "--db", "--yes").code()).isZero();
    assertThat(fresh.resolve("restore.json")).doesNotExist();
    assertThat(fresh.resolve("keys/private_key.pem")).exists();
    assertThat(fresh.resolve("cyphermesh.db")).doesNotExist();

    cutOff("before-restore-2026", "keys");
    assertThat(new Trial(fresh).run("reset", "--all", "--yes").code()).isZero();
    assertThat(fresh.resolve("restore.json")).doesNotExist();
    assertThat(fresh.resolve("restore-new")).doesNotExist();
    assertThat(fresh.resolve("keys")).doesNotExist();
  }

  @Test
  void aNodeStartsWithTheSettingsThatARestoreBroughtBack() throws Exception {
    Files.writeString(old.resolve("cyphermesh.conf"), "no-such-setting = 1\n");
    backup();
    assertThat(restore().code()).isZero();
    cutOff("before-restore-2026", "keys");
    Trial.Outcome outcome = new Trial(fresh).run("run", "--port", "70000");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("a restore that was cut off is finished");
    assertThat(fresh.resolve("cyphermesh.conf")).exists();
  }

  @Test
  void aFolderThatIsNotThereIsTold() {
    assertOneLine(
        new Trial(old).run("backup", "/nowhere/at/all/node.zip"), 1, "no folder /nowhere/at/all");
  }

  @Test
  void whereNoNodeIsThereIsNothingToBackUp() {
    assertOneLine(
        new Trial(fresh).run("backup", file.toString()), 1, "no data directory of a node");
    assertThat(file).doesNotExist();
  }

  @Test
  void aNodeThatIsThereIsKeptAside() throws Exception {
    backup();
    String other = SavedNode.make(fresh, reporter, 3);
    assertOneLine(restore(), 1, "--force");
    assertThat(new Trial(fresh).run("status", "--json").json().get("nodeId").getAsString())
        .isEqualTo(other);

    Trial.Outcome forced = restore("--force", "--json");
    assertThat(forced.code()).isZero();
    assertThat(forced.json().get("nodeId").getAsString()).isEqualTo(nodeId);
    Path kept = Path.of(forced.json().get("kept").getAsString());
    assertThat(kept.getParent()).isEqualTo(fresh);
    assertThat(new Trial(kept).run("status", "--json").json().get("nodeId").getAsString())
        .isEqualTo(other);
    assertThat(new Trial(kept).run("check").code()).isZero();
    assertThat(fresh.resolve("logs/cyphermesh.log")).hasContent("a line");
  }

  @Test
  void besideARunningNodeNothingIsRestored() throws Exception {
    backup();
    try (NodeLock lock = NodeLock.tryAcquire(new DataDirectory(fresh)).orElseThrow()) {
      assertThat(lock).isNotNull();
      assertOneLine(restore(), 1, "stop it first");
    }
  }

  @Test
  void whatIsNoBackupIsRefusedInOneLine() throws Exception {
    assertOneLine(restore(), 1, "no such file");
    Files.writeString(file, "garbage ".repeat(1000));
    assertOneLine(restore(), 1, "no backup of CypherMesh");
    write(Map.of("other.txt", bytes("x")));
    assertOneLine(restore(), 1, "no backup of CypherMesh");
    write(Map.of("manifest.json", bytes("{\"program\": \"other\"}")));
    assertOneLine(restore(), 1, "no backup of CypherMesh");
    assertThat(fresh.resolve("keys")).doesNotExist();
  }

  @Test
  void aBackupThatIsCutOffIsRefusedWhereverTheCutIs() throws Exception {
    backup();
    byte[] whole = Files.readAllBytes(file);
    for (int part = 1; part < 10; part++) {
      Files.write(file, Arrays.copyOf(whole, whole.length * part / 10));
      assertOneLine(restore(), 1, "cut off");
    }
    assertThat(fresh.resolve("cyphermesh.db")).doesNotExist();
  }

  @Test
  void flippedBytesAreRefused() throws Exception {
    backup();
    byte[] whole = Files.readAllBytes(file);
    for (int part = 1; part < 8; part++) {
      byte[] broken = whole.clone();
      broken[whole.length * part / 8] ^= 0x55;
      Files.write(file, broken);
      Trial.Outcome outcome = restore();
      if (outcome.code() == 0) {
        // It was a time stamp or the like.
        assertThat(new Trial(fresh).run("check").code()).isZero();
        Reset.deleteTree(fresh);
        continue;
      }
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err().lines()).hasSize(1);
      assertThat(fresh.resolve("cyphermesh.db")).doesNotExist();
      assertThat(fresh.resolve("restore-new")).doesNotExist();
    }
  }

  @Test
  void aBackupOfANewerVersionIsRefused() throws Exception {
    backup();
    Map<String, byte[]> entries = read();
    JsonObject manifest = manifest(entries);
    manifest.addProperty("schema", 99);
    entries.put("manifest.json", bytes(manifest.toString()));
    write(entries);
    assertOneLine(restore(), 1, "made by a newer CypherMesh (1.2.3; schema 99");
    manifest.addProperty("schema", 4);
    manifest.addProperty("format", 2);
    entries.put("manifest.json", bytes(manifest.toString()));
    write(entries);
    assertOneLine(restore(), 1, "backup format 2, this one knows 1");
  }

  @Test
  void namesThatLeadElsewhereAreRefused() throws Exception {
    backup();
    for (String name :
        List.of(
            "../evil",
            "keys/../../evil",
            "/tmp/evil",
            "keys\\..\\evil",
            "run/lock",
            "cyphermesh.db-wal",
            "keys/./x",
            "keys//x")) {
      Map<String, byte[]> entries = read();
      JsonObject manifest = manifest(entries);
      JsonObject entry = new JsonObject();
      entry.addProperty("name", name);
      entry.addProperty("size", 1);
      entry.addProperty("sha256", "");
      manifest.getAsJsonArray("files").add(entry);
      entries.put(name, bytes("x"));
      entries.put("manifest.json", bytes(manifest.toString()));
      write(entries);
      assertOneLine(restore(), 1, "no part of a node");
      backupAgain();
    }
    Map<String, byte[]> entries = read();
    entries.put("../evil", bytes("x"));
    write(entries);
    assertOneLine(restore(), 1, "does not name");
    assertThat(folder.resolve("evil")).doesNotExist();
  }

  private void backupAgain() throws IOException {
    Files.delete(file);
    backup();
  }

  @Test
  void aRestoreThatIsCutOffIsFinishedByWhoComesNext() throws Exception {
    backup();
    SavedNode.make(fresh, reporter, 3);
    assertThat(restore("--force").code()).isZero();
    Path kept;
    try (Stream<Path> all = Files.list(fresh)) {
      kept =
          all.filter(each -> each.getFileName().toString().startsWith("before-")).findFirst().get();
    }
    // As though it had been killed before the last moves.
    Path staging = Files.createDirectory(fresh.resolve("restore-new"));
    for (String name : List.of("cyphermesh.db", "keys")) {
      Files.move(fresh.resolve(name), staging.resolve(name));
    }
    Files.writeString(
        fresh.resolve("restore.json"),
        "{\"backup\": \"%s\", \"aside\": \"%s\", \"old\": [\"keys\"], \"fresh\": [\"cyphermesh.db\", \"keys\"], \"cleared\": true}"
            .formatted(sha256OfManifest(), kept.getFileName()));
    assertOneLine(new Trial(fresh).run("events"), 1, "cut off");
    assertOneLine(new Trial(fresh).run("check"), 1, "cut off");

    assertThat(restore().code()).isZero();
    assertThat(staging).doesNotExist();
    assertThat(new Trial(fresh).run("check").code()).isZero();
    assertThat(new Trial(fresh).run("status", "--json").json().get("nodeId").getAsString())
        .isEqualTo(nodeId);
  }

  private String sha256OfManifest() throws Exception {
    return java.util.HexFormat.of()
        .formatHex(
            java.security.MessageDigest.getInstance("SHA-256").digest(read().get("manifest.json")));
  }

  @Test
  void checkNamesWhatIsWrong() throws Exception {
    try (var connection =
            java.sql.DriverManager.getConnection("jdbc:sqlite:" + old.resolve("cyphermesh.db"));
        var statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE event SET source_ip = '192.0.2.99' WHERE seq = 7");
    }
    Trial.Outcome outcome = new Trial(old).run("check");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.lines().getFirst()).startsWith("wrong  event ").contains("its signature");
    assertThat(outcome.lines().getLast()).startsWith("1 problems; 40 events checked");
    JsonObject json = new Trial(old).run("check", "--json").json();
    assertThat(json.get("ok").getAsBoolean()).isFalse();
    assertThat(json.get("problemCount").getAsInt()).isEqualTo(1);
  }

  @Test
  void checkOfNothingSaysSo() {
    assertOneLine(new Trial(fresh).run("check"), 1, "no database");
  }

  private Map<String, byte[]> read() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return entries;
  }

  private static JsonObject manifest(Map<String, byte[]> entries) {
    return JsonParser.parseString(
            new String(entries.getOrDefault("manifest.json", new byte[0]), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private void write(Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
