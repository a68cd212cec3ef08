package io.cyphermesh.dashboard;

import io.jooby.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Packs answers that are known as a whole. By ourselves and not by the server, which would pack the
 * live feed too, and hold back what is in it until a block is full.
 *
 * <p>What a stranger's text and a secret are in together must not be packed, since its length would
 * tell of the secret (BREACH): answers with secrets (a session, a made token) are shorter than
 * {@link #LEAST_BYTES}.
 */
final class Gzip {
  /** Shorter ones fit into one packet as they are. */
  static final int LEAST_BYTES = 1400;

  private Gzip() {}

  /** Whether a client says that it takes gzip, and not with a weight of nothing. */
  static boolean accepted(Context request) {
    return accepted(String.join(",", request.header("Accept-Encoding").toList()));
  }

  static boolean accepted(String header) {
    for (String each : header.toLowerCase(Locale.ROOT).split(",", -1)) {
      String coding = each.replace(" ", "");
      if (coding.equals("gzip")
          || (coding.startsWith("gzip;q=") && !coding.matches("gzip;q=0(\\.0*)?"))) {
        return true;
      }
    }
    return false;
  }

  static byte[] of(byte[] body) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(body.length / 4 + 64);
    try (OutputStream out = new Quick(packed)) {
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /** JSON is hardly smaller for the triple of the time. */
  private static final class Quick extends GZIPOutputStream {
    Quick(OutputStream out) throws IOException {
      super(out, 8192);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
