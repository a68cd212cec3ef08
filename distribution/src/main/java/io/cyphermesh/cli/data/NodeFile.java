package io.cyphermesh.cli.data;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Optional;

/**
 * How a running node of this data directory is reached.
 *
 * @param pid its process
 * @param url where its dashboard and REST interface are
 * @param startedAt when it came up
 * @param version its software's version
 * @param certificate the SHA-256 of its dashboard's certificate, 64 hexadecimal digits; empty over
 *     plain HTTP. Who may read this file needs no authority to know the node
 */
public record NodeFile(
    long pid, URI url, Instant startedAt, String version, Optional<String> certificate) {
  /** Over plain HTTP. */
  public NodeFile(long pid, URI url, Instant startedAt, String version) {
    this(pid, url, startedAt, version, Optional.empty());
  }

  /** Publishes it, readable by its owner only. */
  public void write(DataDirectory data) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("pid", pid);
    json.addProperty("url", url.toString());
    json.addProperty("startedAt", startedAt.toString());
    json.addProperty("version", version);
    certificate.ifPresent(sha256 -> json.addProperty("certificate", sha256));
    DataDirectory.write(data.nodeFile(), Json.ascii(json) + "\n");
  }

  /** What a running node published; empty while none runs or none is up yet. */
  public static Optional<NodeFile> read(DataDirectory data) throws IOException {
    // A killed node leaves its file behind, but never its lock. Whoever answers at the old address
    // now may be a stranger, and is not to get the token.
    if (!NodeLock.isHeld(data)) {
      return Optional.empty();
    }
    try {
      JsonObject json = Json.object(Files.readString(data.nodeFile()));
      return Optional.of(
          new NodeFile(
              Json.number(json, "pid"),
              URI.create(Json.text(json, "url").orElseThrow()),
              Instant.parse(Json.text(json, "startedAt").orElse(Instant.EPOCH.toString())),
              Json.text(json, "version").orElse(""),
              Json.text(json, "certificate")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (RuntimeException e) {
      throw new IOException(data.nodeFile() + " is damaged: restart the node", e);
    }
  }

  /** Withdraws it. */
  public static void delete(DataDirectory data) throws IOException {
    Files.deleteIfExists(data.nodeFile());
  }
}
