package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.access.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The local secret, with the role admin: whoever reads the data directory, as the command line. */
final class ApiToken {
  private static final Logger LOG = LoggerFactory.getLogger(ApiToken.class);
  private static final int BYTES = 32;
  private static final int LEAST_LENGTH = 20;

  private final byte[] secret;

  private ApiToken(byte[] secret) {
    this.secret = secret;
  }

  /**
   * Reads the token, creating it first where there is none.
   *
   * @throws IOException if it can be neither read nor written, or is too short to be a secret
   */
  static ApiToken load(Path file) throws IOException {
    if (!Files.exists(file)) {
      create(file);
    }
    String text = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (text.length() < LEAST_LENGTH) {
      throw new IOException(
          "the token in "
              + file
              + " is shorter than "
              + LEAST_LENGTH
              + " characters: delete the file to get a new one");
    }
    warnIfShared(file);
    return new ApiToken(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether {@code candidate} is the token; takes the same time wherever it differs. */
  boolean matches(String candidate) {
    return MessageDigest.isEqual(secret, candidate.getBytes(StandardCharsets.UTF_8));
  }

  private static void create(Path file) throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    PrivateFile.write(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
  }

  private static void warnIfShared(Path file) throws IOException {
    if (PrivateFile.isShared(
        file, PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ)) {
      LOG.warn("{} can be read by others: make it yours alone with chmod 600", file);
    }
  }
}
