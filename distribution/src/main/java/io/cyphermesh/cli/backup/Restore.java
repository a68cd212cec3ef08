package io.cyphermesh.cli.backup;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.data.Reset;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.core.node.NodeDatabase;
import io.cyphermesh.core.plugin.DataOwner;
import io.cyphermesh.core.store.DatabaseCare;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Puts a backup in the place of a node that does not run. Who calls this has the {@link
 * io.cyphermesh.cli.data.NodeLock}.
 *
 * <p>All is unpacked and checked beside the node first. Then a journal says what is to be moved
 * where; from that moment on the new node is in force, and whoever comes next finishes the moves.
 * Nothing is ever deleted but what a restore unpacked itself.
 */
public final class Restore {
  private static final String STAGING = "restore-new";
  private static final String JOURNAL = "restore.json";
  private static final Pattern ASIDE = Pattern.compile("before-restore-[0-9TZ-]+");
  private static final long MARGIN = 16L << 20;

  private final DataDirectory data;
  private final DataOwner owner;
  private final InstantSource clock;
  private final Backup.Watcher progress;

  /**
   * A restore into a data directory.
   *
   * @param owner whose that is
   */
  public Restore(
      DataDirectory data, DataOwner owner, InstantSource clock, Backup.Watcher progress) {
    this.data = data;
    this.owner = owner;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * What was done.
   *
   * @param manifest of the backup
   * @param kept where the node that was there is now
   * @param warnings what is wrong with its database that a node can live with, a line each
   */
  public record Done(Manifest manifest, Optional<Path> kept, List<String> warnings) {
    public Done {
      warnings = List.copyOf(warnings);
    }
  }

  /** There is a node already. */
  public static final class OccupiedException extends IOException {
    private static final long serialVersionUID = 1;

    OccupiedException(String message) {
      super(message);
    }
  }

  /** Whether a restore was cut off after it had been decided. */
  public static boolean isPending(DataDirectory data) {
    return Files.exists(data.path().resolve(JOURNAL));
  }

  /**
   * Requires that no restore was cut off, for who cannot finish it.
   *
   * @throws IOException if there is one; one line that says what to do
   */
  public static void requireNone(DataDirectory data) throws IOException {
    if (isPending(data)) {
      throw new IOException(
          "a restore of "
              + data.path()
              + " was cut off: start the node, or restore again, and it is finished");
    }
  }

  /**
   * Finishes a restore that was cut off, if there is one; whoever starts a node calls this first.
   *
   * @return whether there was one
   */
  public static boolean finish(DataDirectory data) throws IOException {
    Path file = data.path().resolve(JOURNAL);
    if (!Files.exists(file)) {
      return false;
    }
    Journal.read(file).carryOut(data, DataOwner.of(data.path()));
    return true;
  }

  /**
   * Restores.
   *
   * @param force whether a node that is there is moved aside
   * @throws OccupiedException if there is one and {@code force} is false
   * @throws IOException if the backup cannot be restored here; one line that says why. Nothing has
   *     changed then
   */
  public Done restore(Path backup, boolean force) throws IOException, InterruptedException {
    Path staging = data.path().resolve(STAGING);
    try (ZipFile zip = open(backup)) {
      String text = manifestText(zip);
      Manifest manifest = Manifest.read(text, NodeDatabase.latestSchema());
      String name = name(text);
      Optional<Journal> cutOff = cutOff();
      if (cutOff.isPresent()) {
        cutOff.get().carryOut(data, owner);
        if (cutOff.get().backup().equals(name)) {
          return new Done(manifest, cutOff.get().kept(data), List.of());
        }
      }
      List<String> old = NodeFiles.topLevel(data);
      // A lock file alone shows that somebody looked.
      if (!force && old.stream().anyMatch(each -> !each.endsWith(".lock"))) {
        throw new OccupiedException(
            data.path()
                + " has a node already: add --force to have it moved aside, or name another folder"
                + " with --data");
      }
      requireMovable(old);
      requireRoom(manifest);
      deleteStaging();
      OwnerOnly.createFolders(staging);
      try {
        unpack(zip, manifest, staging);
        List<String> warnings = checkNode(manifest, staging);
        give(staging);
        sync(staging);
        Journal journal = new Journal(name, aside(clock.instant()), old, unpacked(staging), false);
        journal.write(data, owner);
        journal.carryOut(data, owner);
        return new Done(manifest, journal.kept(data), warnings);
      } finally {
        if (!isPending(data)) {
          deleteStaging();
        }
      }
    } catch (ZipException e) {
      throw new IOException("it is damaged: " + e.getMessage(), e);
    }
  }

  private Optional<Journal> cutOff() throws IOException {
    Path file = data.path().resolve(JOURNAL);
    return Files.exists(file) ? Optional.of(Journal.read(file)) : Optional.empty();
  }

  private static ZipFile open(Path backup) throws IOException {
    if (!Files.exists(backup)) {
      throw new IOException("there is no such file");
    }
    if (!Files.isRegularFile(backup)) {
      throw new IOException("it is no file");
    }
    try {
      return new ZipFile(backup.toFile(), StandardCharsets.UTF_8);
    } catch (ZipException e) {
      throw new IOException("it is no backup of CypherMesh, or is cut off", e);
    }
  }

  private static String manifestText(ZipFile zip) throws IOException {
    ZipEntry entry = zip.getEntry(Manifest.NAME);
    if (entry == null) {
      throw new IOException("it is no backup of CypherMesh: there is no " + Manifest.NAME);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] text = in.readNBytes((int) MARGIN);
      return new String(text, StandardCharsets.UTF_8);
    }
  }

  /** Tells one backup from another. */
  private static String name(String manifestText) {
    return HexFormat.of()
        .formatHex(Digests.sha256().digest(manifestText.getBytes(StandardCharsets.UTF_8)));
  }

  /** What is mounted there cannot be moved aside, as would be found out too late. */
  private void requireMovable(List<String> old) throws IOException {
    Path mounts = Path.of("/proc/self/mounts");
    if (!Files.isReadable(mounts)) {
      return;
    }
    List<Path> places =
        Files.readAllLines(mounts, StandardCharsets.ISO_8859_1).stream()
            .map(line -> line.split(" ", 3))
            .filter(fields -> fields.length == 3)
            .map(fields -> Path.of(fields[1].replace("\\040", " ")))
            .toList();
    Path real = data.path().toRealPath();
    for (String name : old) {
      if (places.stream().anyMatch(place -> place.startsWith(real.resolve(name)))) {
        throw new IOException(
            data.path().resolve(name) + " is mounted there: take the mount away while you restore");
      }
    }
  }

  private void requireRoom(Manifest manifest) throws IOException {
    long usable = Files.getFileStore(data.path()).getUsableSpace();
    if (usable - MARGIN < manifest.bytes()) {
      throw new IOException(
          "it needs %d MiB in %s, and %d MiB are free"
              .formatted((manifest.bytes() >> 20) + (MARGIN >> 20), data.path(), usable >> 20));
    }
  }

  private void unpack(ZipFile zip, Manifest manifest, Path staging) throws IOException {
    Set<String> named = new HashSet<>(Set.of(Manifest.NAME));
    long total = manifest.bytes();
    long done = 0;
    for (Manifest.Entry file : manifest.files()) {
      named.add(file.name());
      ZipEntry entry = zip.getEntry(file.name());
      if (entry == null) {
        throw new IOException("it is damaged: " + file.name() + " is missing in it");
      }
      // Names were looked at when the manifest was read; this holds whatever they are.
      Path target = staging.resolve(file.name()).normalize();
      Path folder = target.getParent();
      if (folder == null || !target.startsWith(staging)) {
        throw new IOException("it names a file that is no part of a node: '" + file.name() + "'");
      }
      OwnerOnly.createFolders(folder);
      long begin = done;
      try (InputStream in =
              new Counted(
                  zip.getInputStream(entry),
                  read -> progress.at("unpacking", begin + read, total));
          FileChannel channel = OwnerOnly.create(target)) {
        unpack(in, channel, file);
      }
      done += file.size();
    }
    Optional<String> more =
        zip.stream().map(ZipEntry::getName).filter(each -> !named.contains(each)).findFirst();
    if (more.isPresent()) {
      throw new IOException("it holds a file that it does not name: '" + more.get() + "'");
    }
  }

  private static void unpack(InputStream in, FileChannel channel, Manifest.Entry file)
      throws IOException {
    MessageDigest digest = Digests.sha256();
    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    byte[] buffer = new byte[1 << 16];
    long size = 0;
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      size += count;
      if (size > file.size()) {
        break;
      }
      digest.update(buffer, 0, count);
      out.write(buffer, 0, count);
    }
    out.flush();
    channel.force(true);
    if (size != file.size() || !HexFormat.of().formatHex(digest.digest()).equals(file.sha256())) {
      throw new IOException("it is damaged: " + file.name() + " is not what was backed up");
    }
  }

  /** Counts what is read. */
  private static final class Counted extends FilterInputStream {
    private final java.util.function.LongConsumer read;
    private long count;

    Counted(InputStream in, java.util.function.LongConsumer read) {
      super(in);
      this.read = read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int got = super.read(buffer, offset, length);
      if (got > 0) {
        count += got;
        read.accept(count);
      }
      return got;
    }
  }

  /** What a node can live with of what is wrong, a line each. */
  private List<String> checkNode(Manifest manifest, Path staging)
      throws IOException, InterruptedException {
    DataDirectory unpacked = new DataDirectory(staging);
    if (!Backup.nodeId(unpacked).equals(manifest.nodeId())) {
      throw new IOException("it is damaged: its keys are those of another node");
    }
    if (!Files.exists(unpacked.database())) {
      return List.of();
    }
    Problems problems = new Problems();
    NodeDatabase database = NodeDatabase.at(unpacked.database());
    database.checkPages(
        new DatabaseCare.Watcher() {
          @Override
          public void reading() {
            progress.at("checking the database", 0, 0);
          }

          @Override
          public void checked(long events, long total) {}

          @Override
          public void problem(DatabaseCare.Problem problem) {
            problems.add(problem);
          }
        });
    if (problems.fatal.isPresent()) {
      throw new IOException("its database is damaged: " + problems.fatal.get());
    }
    database.resume();
    for (String suffix : List.of("-wal", "-shm")) {
      Files.deleteIfExists(Path.of(unpacked.database() + suffix));
    }
    OwnerOnly.sync(unpacked.database());
    return problems.warnings();
  }

  /** What is wrong with a database: of thousands the first ones. */
  private static final class Problems {
    private static final int SHOWN = 5;

    private final List<String> first = new ArrayList<>();
    private Optional<String> fatal = Optional.empty();
    private long count;

    void add(DatabaseCare.Problem problem) {
      if (problem.fatal()) {
        fatal = fatal.or(() -> Optional.of(problem.what()));
        return;
      }
      count++;
      if (first.size() < SHOWN) {
        first.add("its database: " + problem.what());
      }
    }

    List<String> warnings() {
      List<String> warnings = new ArrayList<>(first);
      if (count > first.size()) {
        warnings.add(
            "its database: %d more problems, which 'cyphermesh check' names"
                .formatted(count - first.size()));
      }
      return warnings;
    }
  }

  private void give(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path each : all.toList()) {
        owner.give(each);
      }
    }
  }

  private static void sync(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path folder : all.filter(Files::isDirectory).toList()) {
        OwnerOnly.sync(folder);
      }
    }
  }

  private static List<String> unpacked(Path staging) throws IOException {
    try (Stream<Path> all = Files.list(staging)) {
      return all.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  private void deleteStaging() throws IOException {
    Path staging = data.path().resolve(STAGING);
    if (Files.exists(staging, LinkOption.NOFOLLOW_LINKS)) {
      Reset.deleteTree(staging);
    }
  }

  private String aside(Instant now) {
    String stamp =
        now.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString().replace(":", "");
    String name = "before-restore-" + stamp;
    for (int i = 2; Files.exists(data.path().resolve(name)); i++) {
      name = "before-restore-" + stamp + "-" + i;
    }
    return name;
  }

  /**
   * What is to be moved.
   *
   * @param backup which one
   * @param aside the folder for what was there
   * @param old what is moved there
   * @param fresh what takes its place
   * @param cleared whether the old is away
   */
  private record Journal(
      String backup, String aside, List<String> old, List<String> fresh, boolean cleared) {

    Optional<Path> kept(DataDirectory data) {
      return Optional.of(data.path().resolve(aside)).filter(Files::isDirectory);
    }

    void write(DataDirectory data, DataOwner owner) throws IOException {
      JsonObject json = new JsonObject();
      json.addProperty("backup", backup);
      json.addProperty("aside", aside);
      json.add("old", array(old));
      json.add("fresh", array(fresh));
      json.addProperty("cleared", cleared);
      data.writeDurably(JOURNAL, Json.ascii(json) + "\n");
      // Whoever starts the node finishes what is cut off from here on.
      owner.give(data.path().resolve(JOURNAL));
    }

    private static JsonArray array(List<String> names) {
      JsonArray array = new JsonArray();
      names.forEach(array::add);
      return array;
    }

    static Journal read(Path file) throws IOException {
      try {
        JsonObject json = Json.object(Files.readString(file));
        String aside = Json.text(json, "aside").orElseThrow();
        if (!ASIDE.matcher(aside).matches()) {
          throw new IOException("'" + aside + "' is no folder of a restore");
        }
        return new Journal(
            Json.text(json, "backup").orElseThrow(),
            aside,
            names(json, "old"),
            names(json, "fresh"),
            Json.is(json, "cleared"));
      } catch (AccessDeniedException e) {
        throw new IOException(
            "a restore was cut off, and there is no permission to read "
                + file
                + ": run this as its owner or as root",
            e);
      } catch (IOException | RuntimeException e) {
        throw new IOException(
            file
                + " is damaged: a restore was cut off; what was there before is in before-restore-*,"
                + " what was to come in "
                + STAGING,
            e);
      }
    }

    /** Only what a restore moves: whoever may write the file must not have more moved. */
    private static List<String> names(JsonObject json, String key) throws IOException {
      List<String> names =
          json.getAsJsonArray(key).asList().stream().map(JsonElement::getAsString).toList();
      if (!NodeFiles.topLevel().containsAll(names)) {
        throw new IOException("it names what is no part of a node");
      }
      return names;
    }

    /** Does what is left to do; may itself be cut off and done again. */
    void carryOut(DataDirectory data, DataOwner owner) throws IOException {
      Path staging = data.path().resolve(STAGING);
      Path away = data.path().resolve(aside);
      Journal now = this;
      if (!cleared) {
        if (!old.isEmpty()) {
          OwnerOnly.createFolders(away);
          owner.give(away);
        }
        for (String name : old) {
          move(data.path().resolve(name), away.resolve(name));
        }
        if (!old.isEmpty()) {
          OwnerOnly.sync(away);
        }
        OwnerOnly.sync(data.path());
        // From here on what lies there is the new one.
        now = new Journal(backup, aside, old, fresh, true);
        now.write(data, owner);
      }
      for (String name : now.fresh) {
        move(staging.resolve(name), data.path().resolve(name));
      }
      OwnerOnly.sync(data.path());
      if (Files.exists(staging)) {
        Reset.deleteTree(staging);
      }
      Files.deleteIfExists(data.path().resolve(JOURNAL));
      OwnerOnly.sync(data.path());
    }

    private static void move(Path from, Path to) throws IOException {
      try {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      } catch (NoSuchFileException e) {
        // Moved before it was cut off.
      }
    }
  }
}
