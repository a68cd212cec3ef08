package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.pf4j.VersionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of plugin jars, looked at again and again. A jar counts once it has not changed for a
 * while, so that one which is still being copied is left alone; the same holds for its absence, so
 * that one which is replaced by deleting and copying is not taken for removed. The first look takes
 * all as it is.
 *
 * <p>Not thread-safe: the host's control thread calls it.
 */
final class PluginFolders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PluginFolders.class);

  private final List<PluginFolder> folders;
  private final VersionManager versions;
  private final String apiVersion;
  private final Duration settle;
  private final LongSupplier nanos;
  private final Map<Path, Entry> entries = new LinkedHashMap<>();
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private Optional<WatchService> watch = Optional.empty();
  private boolean watchable = true;
  private boolean first = true;
  private boolean settled = true;

  PluginFolders(
      List<PluginFolder> folders,
      VersionManager versions,
      String apiVersion,
      Duration settle,
      LongSupplier nanos) {
    this.folders = folders;
    this.versions = versions;
    this.apiVersion = apiVersion;
    this.settle = settle;
    this.nanos = nanos;
  }

  /** The operating system's word that something changed; a hint that may be missing. */
  boolean changed() {
    boolean any = false;
    if (watch.isPresent()) {
      try {
        for (WatchKey key = watch.get().poll(); key != null; key = watch.get().poll()) {
          any = true;
          key.pollEvents();
          if (!key.reset()) {
            watched.values().remove(key);
          }
        }
      } catch (ClosedWatchServiceException e) {
        return any;
      }
    }
    return any;
  }

  /** Whether nothing is left that a later look has to see again to be sure of it. */
  boolean settled() {
    return settled;
  }

  /** What is to run, as far as it is sure. */
  JarScan look() {
    long now = nanos.getAsLong();
    List<JarScan.Refused> refused = new ArrayList<>();
    Set<Path> seen = new LinkedHashSet<>();
    for (PluginFolder folder : folders) {
      look(folder, now, seen, refused);
    }
    settled = true;
    List<Path> gone = new ArrayList<>();
    for (Map.Entry<Path, Entry> each : entries.entrySet()) {
      if (!seen.contains(each.getKey())) {
        each.getValue().missing(now);
      }
      if (each.getValue().isGone(now)) {
        gone.add(each.getKey());
      } else {
        settled &= each.getValue().isSettled();
      }
    }
    gone.forEach(entries::remove);
    first = false;
    List<JarScan.Jar> jars = new ArrayList<>();
    // In the order of the folders, also for a jar that was found late.
    for (PluginFolder folder : folders) {
      entries.entrySet().stream()
          .filter(each -> folder.path().equals(each.getKey().getParent()))
          .sorted(Map.Entry.comparingByKey())
          .forEach(each -> each.getValue().known().ifPresent(jars::add));
    }
    return JarScan.choose(jars, refused, versions, apiVersion);
  }

  /** Has the next look take a file as it is then. */
  void takeAsItIs(Path file) {
    Entry entry = entries.get(file);
    if (entry != null) {
      entry.hurried = true;
    }
  }

  private void look(PluginFolder folder, long now, Set<Path> seen, List<JarScan.Refused> refused) {
    Optional<String> fault = JarScan.fault(folder.path(), folder.bundled());
    if (fault.isPresent()) {
      refused.add(JarScan.Refused.unread(folder.path().toString(), fault.get()));
      keep(folder, seen);
      return;
    }
    watch(folder.path());
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder.path(), "*.jar")) {
      stream.forEach(files::add);
    } catch (NoSuchFileException e) {
      LOG.debug("there is no plugins folder {}", folder.path());
      return;
    } catch (NotDirectoryException e) {
      refused.add(JarScan.Refused.unread(folder.path().toString(), "it is no folder of plugins"));
      return;
    } catch (IOException | DirectoryIteratorException e) {
      refused.add(
          JarScan.Refused.unread(folder.path().toString(), "it cannot be read: " + e.getMessage()));
      keep(folder, seen);
      return;
    }
    Collections.sort(files);
    for (Path file : files) {
      Entry entry = entries.computeIfAbsent(file, path -> new Entry(path, folder.bundled()));
      seen.add(file);
      entry.look(now);
    }
  }

  /** What runs goes on while its folder cannot be looked into. */
  private void keep(PluginFolder folder, Set<Path> seen) {
    entries.keySet().stream()
        .filter(file -> folder.path().equals(file.getParent()))
        .forEach(seen::add);
  }

  private void watch(Path folder) {
    WatchKey known = watched.get(folder);
    if (!watchable || (known != null && known.isValid()) || !Files.isDirectory(folder)) {
      return;
    }
    try {
      if (watch.isEmpty()) {
        watch = Optional.of(folder.getFileSystem().newWatchService());
      }
      watched.put(
          folder,
          folder.register(
              watch.get(),
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE));
    } catch (IOException | UnsupportedOperationException e) {
      // The next looks find all the same, only later.
      LOG.debug("{} cannot be watched", folder, e);
      watchable = false;
    }
  }

  @Override
  public void close() {
    if (watch.isPresent()) {
      try {
        watch.get().close();
      } catch (IOException e) {
        LOG.debug("the folders' watch did not close in order", e);
      }
    }
  }

  /** One file over the looks. */
  private final class Entry {
    private final Path file;
    private final boolean bundled;

    /** As it was last seen; empty if it was missing. */
    private Optional<JarStamp> stamp = Optional.empty();

    /** Since when it has been seen so. */
    private long since = nanos.getAsLong();

    private boolean sure;
    private boolean hurried;
    private Optional<JarScan.Jar> known = Optional.empty();

    Entry(Path file, boolean bundled) {
      this.file = file;
      this.bundled = bundled;
    }

    void look(long now) {
      JarStamp seen;
      try {
        seen = JarStamp.of(file);
      } catch (IOException e) {
        missing(now);
        return;
      }
      note(Optional.of(seen), now);
      sure |= first || hurried || now - since >= settle.toNanos();
      hurried = false;
      Optional<String> fault = JarScan.fault(file, bundled);
      if (fault.isPresent()) {
        // What runs already runs from a copy that nobody else may write.
        if (known.flatMap(JarScan.Jar::jar).isEmpty()) {
          known = Optional.of(JarScan.Jar.refused(file, bundled, fault.get()));
        }
      } else if (sure && known.flatMap(JarScan.Jar::stamp).filter(seen::equals).isEmpty()) {
        known = Optional.of(JarScan.Jar.read(file, bundled, seen));
      }
    }

    void missing(long now) {
      note(Optional.empty(), now);
    }

    private void note(Optional<JarStamp> seen, long now) {
      if (!seen.equals(stamp)) {
        stamp = seen;
        since = now;
        sure = false;
      }
    }

    boolean isGone(long now) {
      return stamp.isEmpty() && (known.isEmpty() || now - since >= settle.toNanos());
    }

    boolean isSettled() {
      return sure;
    }

    /** What was last read of it; that may be older than the file. */
    Optional<JarScan.Jar> known() {
      return known;
    }
  }
}
