package io.cyphermesh.dashboard;

import com.maxmind.db.CHMCache;
import com.maxmind.db.Reader;
import io.cyphermesh.dashboard.Geo.Place;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One MMDB file, in the form of MaxMind's databases of countries, cities and autonomous systems, or
 * of IPinfo's. A file that cannot be read is told once and says nothing until it changes.
 */
final class GeoFile {
  private static final Logger LOG = LoggerFactory.getLogger(GeoFile.class);

  /**
   * Up to this size a file is read as a whole, so that nothing happens where it is written over; a
   * larger one is mapped.
   */
  private static final long READ_BYTES = 64L << 20;

  private static final int MOST_NAME = 200;
  private static final int MOST_REASON = 120;

  private final Path path;
  private @Nullable Stamp stamp;
  private volatile @Nullable Reader reader;

  GeoFile(Path path) {
    this.path = path;
  }

  private record Stamp(long size, FileTime modified, @Nullable Object key) {}

  /** Looks whether the file is another one by now. Called by one thread at a time. */
  void refresh() {
    Stamp now = stamp();
    if (Objects.equals(now, stamp)) {
      return;
    }
    stamp = now;
    // What others read meanwhile in the old one they read to its end: it is not closed but left.
    reader = now == null ? null : open(now.size());
  }

  private @Nullable Stamp stamp() {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      return found.isDirectory()
          ? null
          : new Stamp(found.size(), found.lastModifiedTime(), found.fileKey());
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      if (stamp != null || reader == null) {
        LOG.debug("{} cannot be looked at: {}", path, e.toString());
      }
      return null;
    }
  }

  private @Nullable Reader open(long size) {
    try {
      Reader opened =
          new Reader(
              path.toFile(),
              size <= READ_BYTES ? Reader.FileMode.MEMORY : Reader.FileMode.MEMORY_MAPPED,
              new CHMCache());
      LOG.info(
          "{}: {} of {}",
          path,
          opened.getMetadata().getDatabaseType(),
          opened.getMetadata().getBuildDate().toInstant());
      return opened;
    } catch (IOException | RuntimeException e) {
      broken(e);
      return null;
    }
  }

  private void broken(Exception e) {
    String reason = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    LOG.warn(
        "{} is no MMDB file that can be read, so countries and networks do not appear: replace or"
            + " remove it ({})",
        path,
        reason.substring(0, Math.min(reason.length(), MOST_REASON)));
  }

  /** What it says of an address. */
  Place of(InetAddress address) {
    Reader open = reader;
    if (open == null
        || (address instanceof Inet6Address && open.getMetadata().getIpVersion() == 4)) {
      return Place.NOWHERE;
    }
    try {
      Map<?, ?> record = open.get(address, Map.class);
      return record == null ? Place.NOWHERE : place(record);
    } catch (IOException | RuntimeException e) {
      if (reader == open) {
        reader = null;
        broken(e);
      }
      return Place.NOWHERE;
    }
  }

  private static Place place(Map<?, ?> record) {
    Optional<String> country;
    Optional<String> countryName;
    if (record.get("country") instanceof Map<?, ?> nested) {
      country = text(nested.get("iso_code"));
      countryName =
          nested.get("names") instanceof Map<?, ?> names ? text(names.get("en")) : empty();
    } else if (record.containsKey("country_code")) {
      country = text(record.get("country_code"));
      countryName = text(record.get("country"));
    } else {
      country = text(record.get("country"));
      countryName = text(record.get("country_name"));
    }
    Optional<Long> asn =
        number(record.get("autonomous_system_number")).or(() -> number(record.get("asn")));
    Optional<String> organisation =
        text(record.get("autonomous_system_organization")).or(() -> text(record.get("as_name")));
    return new Place(country, countryName, asn, organisation);
  }

  private static Optional<String> empty() {
    return Optional.empty();
  }

  private static Optional<String> text(@Nullable Object value) {
    return value instanceof String text && !text.isBlank()
        ? Optional.of(text.length() > MOST_NAME ? text.substring(0, MOST_NAME) : text)
        : Optional.empty();
  }

  /** A number, or one behind {@code AS}. */
  private static Optional<Long> number(@Nullable Object value) {
    return switch (value) {
      case Number number -> Optional.of(number.longValue());
      case String text when text.matches("AS[0-9]{1,10}") ->
          Optional.of(Long.parseLong(text.substring(2)));
      case null, default -> Optional.empty();
    };
  }
}
