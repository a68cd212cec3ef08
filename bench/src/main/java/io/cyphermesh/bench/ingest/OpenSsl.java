package io.cyphermesh.bench.ingest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The yardstick: what one core verifies with OpenSSL. */
final class OpenSsl {
  private OpenSsl() {}

  /**
   * Verifications of RSA-2048 a second on one core, by CPU time, as {@code openssl speed} counts
   * them.
   *
   * @throws IOException if it is not installed or says something else
   */
  static double verifiesPerSecond() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("openssl", "speed", "-mr", "-seconds", "3", "rsa2048")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("openssl speed failed: is openssl installed?");
    }
    return parse(text).orElseThrow(() -> new IOException("openssl speed said: " + text));
  }

  /** From the line {@code +F2:2:2048:SIGNS:VERIFIES}; later versions append more. */
  static Optional<Double> parse(String text) {
    return text.lines()
        .filter(line -> line.startsWith("+F2:"))
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length >= 5)
        .map(fields -> Double.valueOf(fields[4]))
        .findFirst();
  }
}
