package io.cyphermesh.cli.backup;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.stream.MalformedJsonException;
import io.cyphermesh.cli.json.Json;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a backup says of itself; {@code manifest.json} in it.
 *
 * @param version of the program that made it
 * @param created the moment that it shows
 * @param nodeId whose it is; empty for a node without a key
 * @param schema of the database, where there is one
 * @param events how many the database holds
 * @param files what is in it, manifest aside
 */
public record Manifest(
    String version,
    Instant created,
    Optional<String> nodeId,
    OptionalInt schema,
    long events,
    List<Entry> files) {
  /** Its name in the backup. */
  static final String NAME = "manifest.json";

  private static final int FORMAT = 1;
  private static final String PROGRAM = "cyphermesh";

  public Manifest {
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param name relative to the data directory, with slashes
   * @param size in bytes
   * @param sha256 in lower-case hexadecimal digits
   */
  public record Entry(String name, long size, String sha256) {}

  /** What its files take together. */
  long bytes() {
    return files.stream().mapToLong(Entry::size).sum();
  }

  /** As it stands in the backup. */
  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("program", PROGRAM);
    json.addProperty("format", FORMAT);
    json.addProperty("version", version);
    json.addProperty("created", created.toString());
    if (nodeId.isPresent()) {
      json.addProperty("nodeId", nodeId.get());
    } else {
      json.add("nodeId", JsonNull.INSTANCE);
    }
    if (schema.isPresent()) {
      json.addProperty("schema", schema.getAsInt());
    } else {
      json.add("schema", JsonNull.INSTANCE);
    }
    json.addProperty("events", events);
    JsonArray list = new JsonArray();
    for (Entry entry : files) {
      JsonObject each = new JsonObject();
      each.addProperty("name", entry.name());
      each.addProperty("size", entry.size());
      each.addProperty("sha256", entry.sha256());
      list.add(each);
    }
    json.add("files", list);
    return json;
  }

  /**
   * Reads one.
   *
   * @param latestSchema the newest schema that this program knows
   * @throws IOException if this program cannot restore what it describes; says why
   */
  static Manifest read(String text, int latestSchema) throws IOException {
    JsonObject json;
    try {
      json = Json.object(text);
    } catch (MalformedJsonException e) {
      throw new IOException("its " + NAME + " is damaged", e);
    }
    if (!Json.text(json, "program").equals(Optional.of(PROGRAM))) {
      throw new IOException("it is no backup of CypherMesh");
    }
    String by = Json.text(json, "version").orElse("?");
    long format = Json.number(json, "format");
    if (format > FORMAT) {
      throw new IOException(
          "it was made by a newer CypherMesh (%s; backup format %d, this one knows %d): restore it with that version or a later one"
              .formatted(by, format, FORMAT));
    }
    OptionalInt schema =
        Json.text(json, "schema").isPresent()
            ? OptionalInt.of((int) Json.number(json, "schema"))
            : OptionalInt.empty();
    if (schema.orElse(0) > latestSchema) {
      throw new IOException(
          "it was made by a newer CypherMesh (%s; schema %d, this one knows %d): restore it with that version or a later one"
              .formatted(by, schema.orElse(0), latestSchema));
    }
    try {
      return new Manifest(
          by,
          Instant.parse(Json.text(json, "created").orElse("")),
          Json.text(json, "nodeId"),
          schema,
          Json.number(json, "events"),
          entries(json));
    } catch (DateTimeParseException e) {
      throw new IOException("its " + NAME + " is damaged", e);
    }
  }

  private static List<Entry> entries(JsonObject json) throws IOException {
    if (!(json.get("files") instanceof JsonArray list)) {
      throw new IOException("its " + NAME + " is damaged");
    }
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long total = 0;
    for (JsonElement element : list) {
      if (!(element instanceof JsonObject each)) {
        throw new IOException("its " + NAME + " is damaged");
      }
      String name = Json.text(each, "name").orElse("");
      if (!NodeFiles.mayBe(name) || !names.add(name)) {
        throw new IOException("it names a file that is no part of a node: '" + name + "'");
      }
      long size = Json.number(each, "size");
      try {
        total = Math.addExact(total, size);
      } catch (ArithmeticException e) {
        throw new IOException("its " + NAME + " is damaged", e);
      }
      if (size < 0) {
        throw new IOException("its " + NAME + " is damaged");
      }
      entries.add(new Entry(name, size, Json.text(each, "sha256").orElse("")));
    }
    return entries;
  }
}
