package io.cyphermesh.webhook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests as the Standard Webhooks specification says: HMAC-SHA-256 over id, time stamp and
 * body with full stops between, so that a recorded request can neither be changed nor sent later.
 */
final class Signer {
  private static final String ALGORITHM = "HmacSHA256";

  /** How that specification writes secrets: behind it comes base64. */
  private static final String PREFIX = "whsec_";

  private final SecretKeySpec key;

  private Signer(byte[] secret) {
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  /**
   * Takes the secret out of a file.
   *
   * @throws IOException if it cannot be read, is empty, or others may read it; the message says
   *     what to do
   */
  static Signer ofFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("secret-file " + file + " is not there");
    }
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new IOException("secret-file can be read by everybody: chmod 600 " + file);
      }
    }
    return of(Files.readString(file).stripTrailing());
  }

  static Signer of(String secret) throws IOException {
    if (secret.isEmpty()) {
      throw new IOException("the secret is empty");
    }
    if (!secret.startsWith(PREFIX)) {
      return new Signer(secret.getBytes(StandardCharsets.UTF_8));
    }
    try {
      return new Signer(Base64.getDecoder().decode(secret.substring(PREFIX.length())));
    } catch (IllegalArgumentException e) {
      throw new IOException("behind whsec_ the secret is no base64", e);
    }
  }

  /** The value of the signature header. */
  String sign(String id, long timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
