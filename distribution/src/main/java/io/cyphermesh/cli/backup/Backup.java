package io.cyphermesh.cli.backup;

import io.cyphermesh.cli.data.DataDirectory;
import io.cyphermesh.cli.json.Json;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.node.NodeDatabase;
import io.cyphermesh.core.store.DatabaseCare;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a node into a zip file. The database is copied first, beside the target, since only a
 * whole copy shows one moment; so the target's folder needs room for twice its size for a while.
 */
public final class Backup {
  /** Room for all but the database. */
  private static final long MARGIN = 16L << 20;

  private final DataDirectory data;
  private final Path target;
  private final InstantSource clock;
  private final String version;
  private final Watcher progress;

  /** Sees how far it is. */
  @FunctionalInterface
  public interface Watcher {
    /** So many bytes of so many. */
    void at(String what, long done, long total);
  }

  /**
   * A backup to be taken.
   *
   * @param target where it goes; replaced if it is there
   * @param version of this program
   */
  public Backup(
      DataDirectory data, Path target, InstantSource clock, String version, Watcher progress) {
    this.data = data;
    this.target = target;
    this.clock = clock;
    this.version = version;
    this.progress = progress;
  }

  /**
   * Takes it. The target is there as a whole, or not at all.
   *
   * @throws IOException if it cannot be taken; one line that says why
   */
  public Manifest take() throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Path name = target.getFileName();
    if (folder == null || name == null || Files.isDirectory(target)) {
      throw new IOException(target + " is a folder: name a file");
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(target + " is no regular file: name another");
    }
    Restore.requireNone(data);
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder);
    }
    if (!Files.isWritable(folder)) {
      throw new IOException("no permission to write into " + folder);
    }
    requireRoom(folder);
    try (Drafts drafts = Drafts.create(folder, name.toString())) {
      Manifest manifest = write(drafts);
      try {
        Files.move(drafts.zip(), target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(drafts.zip(), target, StandardCopyOption.REPLACE_EXISTING);
      }
      OwnerOnly.sync(folder);
      return manifest;
    }
  }

  private void requireRoom(Path folder) throws IOException {
    if (!Files.exists(data.database())) {
      return;
    }
    long needed = 2 * Files.size(data.database()) + MARGIN;
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < needed) {
      throw new IOException(
          "a backup needs up to %d MiB in %s while it is made, and %d MiB are free"
              .formatted(needed >> 20, folder, usable >> 20));
    }
  }

  private Manifest write(Drafts drafts) throws IOException {
    Map<String, Path> files = NodeFiles.of(data);
    boolean database = Files.exists(data.database());
    if (files.isEmpty() && !database) {
      throw new IOException("there is nothing of a node in " + data.path());
    }
    OptionalInt schema = OptionalInt.empty();
    long events = 0;
    if (database) {
      DatabaseCare.Facts facts =
          NodeDatabase.at(data.database())
              .copyTo(drafts.database(), (bytes, total) -> progress.at("copying", bytes, total));
      schema = OptionalInt.of(facts.schema());
      events = facts.events();
    }
    try (FileChannel channel = OwnerOnly.create(drafts.zip())) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
      ZipOutputStream zip = new ZipOutputStream(out);
      // Signatures and keys do not shrink, and the rest does so at once.
      zip.setLevel(Deflater.BEST_SPEED);
      List<Manifest.Entry> entries = new ArrayList<>();
      for (Map.Entry<String, Path> file : files.entrySet()) {
        add(zip, file.getKey(), file.getValue(), false).ifPresent(entries::add);
      }
      if (database) {
        add(zip, NodeFiles.DATABASE, drafts.database(), true).ifPresent(entries::add);
      }
      requireKey(entries);
      Manifest manifest =
          new Manifest(version, clock.instant(), nodeId(data), schema, events, entries);
      zip.putNextEntry(new ZipEntry(Manifest.NAME));
      zip.write((Json.ascii(manifest.json()) + "\n").getBytes(StandardCharsets.US_ASCII));
      zip.closeEntry();
      zip.finish();
      out.flush();
      channel.force(true);
      return manifest;
    }
  }

  /** Without it what is restored would be another node. */
  private void requireKey(List<Manifest.Entry> entries) throws IOException {
    Path key = data.keys().resolve("private_key.pem");
    if (Files.exists(key, LinkOption.NOFOLLOW_LINKS)
        && entries.stream().noneMatch(entry -> entry.name().equals("keys/private_key.pem"))) {
      throw new IOException(key + " cannot be backed up: it is no file, or leads elsewhere");
    }
  }

  /** Adds a file; not one that has just gone, unless it is ours and its progress is shown. */
  private Optional<Manifest.Entry> add(ZipOutputStream zip, String name, Path file, boolean shown)
      throws IOException {
    MessageDigest digest = Digests.sha256();
    long total = shown ? Files.size(file) : 0;
    long size = 0;
    try (InputStream in = Files.newInputStream(file)) {
      zip.putNextEntry(new ZipEntry(name));
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
        zip.write(buffer, 0, count);
        size += count;
        if (shown) {
          progress.at("packing", size, total);
        }
      }
      zip.closeEntry();
    } catch (NoSuchFileException e) {
      if (shown) {
        throw new IOException("the copy of the database was deleted while it was packed", e);
      }
      return Optional.empty();
    }
    return Optional.of(new Manifest.Entry(name, size, HexFormat.of().formatHex(digest.digest())));
  }

  /** Whose keys these are; empty where there are none. */
  static Optional<String> nodeId(DataDirectory data) throws IOException {
    try {
      return ReporterKey.ofPem(Files.readString(data.keys().resolve("public_key.pem")))
          .map(key -> key.nodeId().hex());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
