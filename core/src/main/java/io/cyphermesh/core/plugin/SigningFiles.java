package io.cyphermesh.core.plugin;

import java.util.List;
import java.util.Locale;

/** Which entries of a jar are the signature itself, and hence cannot be signed. */
final class SigningFiles {
  private static final String FOLDER = "META-INF/";
  private static final List<String> ENDINGS = List.of(".SF", ".DSA", ".RSA", ".EC");

  private SigningFiles() {}

  /**
   * Whether an entry is the manifest, a signature file or a signature block, directly in META-INF.
   * {@code META-INF/SIG-*}, which the jar specification also leaves out, is not: no signer of the
   * JDK writes one, so that it would only be a place to hide bytes that nobody signed.
   */
  static boolean isOne(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    if (!upper.startsWith(FOLDER) || upper.indexOf('/', FOLDER.length()) >= 0) {
      return false;
    }
    return upper.equals(FOLDER + "MANIFEST.MF") || ENDINGS.stream().anyMatch(upper::endsWith);
  }
}
