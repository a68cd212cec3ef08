package io.cyphermesh.dashboard.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that count now. Looks at the file at most once a second, so that what was changed by
 * hand, or while the node did not look, counts after that long; a file that cannot be read counts
 * as empty.
 */
public final class TokenBook {
  private static final Logger LOG = LoggerFactory.getLogger(TokenBook.class);
  private static final long LOOK_NANOS = 1_000_000_000L;

  private final TokenFile file;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private List<Token> tokens = List.of();
  private @Nullable Stamp stamp;
  private long lookedAt;
  private boolean looked;

  /** What tells that a file has changed; a replaced one is another file. */
  private record Stamp(FileTime modified, long size, @Nullable Object key) {}

  /**
   * @param nanos a clock that nobody sets
   */
  public TokenBook(TokenFile file, InstantSource clock, LongSupplier nanos) {
    this.file = file;
    this.clock = clock;
    this.nanos = nanos;
  }

  /**
   * The token whose secret this is. Takes the same time whichever it is, or none: all are compared,
   * and each whole.
   */
  public Optional<Token> find(String secret) {
    byte[] hash = Secrets.hash(secret);
    Instant now = clock.instant();
    @Nullable Token found = null;
    for (Token token : current()) {
      boolean same = MessageDigest.isEqual(hash, HexFormat.of().parseHex(token.sha256()));
      if (same && token.validAt(now)) {
        found = token;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Whether a token that was found once still counts. */
  public boolean counts(Token token) {
    return token.validAt(clock.instant()) && current().contains(token);
  }

  /** Looks at the file anew when next asked. */
  public synchronized void forget() {
    looked = false;
  }

  private synchronized List<Token> current() {
    long now = nanos.getAsLong();
    if (looked && now - lookedAt < LOOK_NANOS) {
      return tokens;
    }
    lookedAt = now;
    Stamp seen = stamp(file.path());
    if (!looked || !Objects.equals(seen, stamp)) {
      stamp = seen;
      try {
        tokens = file.read();
      } catch (IOException e) {
        tokens = List.of();
        LOG.error("no token counts: {}", e.getMessage());
      }
    }
    looked = true;
    return tokens;
  }

  private static @Nullable Stamp stamp(Path path) {
    try {
      BasicFileAttributes seen = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(seen.lastModifiedTime(), seen.size(), seen.fileKey());
    } catch (IOException e) {
      return null;
    }
  }
}
