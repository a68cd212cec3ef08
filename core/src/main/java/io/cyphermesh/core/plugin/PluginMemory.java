package io.cyphermesh.core.plugin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the host remembers over restarts, in one small file: which plugins the operator switched on
 * or off, and which upgrades did not start.
 */
final class PluginMemory {
  private static final Logger LOG = LoggerFactory.getLogger(PluginMemory.class);

  private final Path file;
  private final Map<String, Boolean> switched = new TreeMap<>();
  private final Map<String, RolledBack> rolledBack = new TreeMap<>();

  /**
   * An upgrade that did not start.
   *
   * @param refused SHA-256 of the jar that is not to be tried again
   * @param runs SHA-256 of the jar that runs in its place
   * @param reason why
   */
  record RolledBack(String refused, String runs, String reason) {}

  private PluginMemory(Path file) {
    this.file = file;
  }

  /** Reads it; what cannot be understood is left out with a warning. */
  static PluginMemory open(Path file) {
    PluginMemory memory = new PluginMemory(file);
    try {
      memory.read(JsonParser.parseString(Files.readString(file)).getAsJsonObject());
    } catch (NoSuchFileException e) {
      LOG.debug("no plugin was switched yet");
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} cannot be read, so plugins are as the settings say: {}", file, e.toString());
    }
    return memory;
  }

  /** What the operator last said; empty if nothing. */
  Optional<Boolean> switched(String id) {
    return Optional.ofNullable(switched.get(id));
  }

  void switched(String id, boolean on) {
    if (!Boolean.valueOf(on).equals(switched.put(id, on))) {
      write();
    }
  }

  Optional<RolledBack> rolledBack(String id) {
    return Optional.ofNullable(rolledBack.get(id));
  }

  void rolledBack(String id, RolledBack what) {
    if (!what.equals(rolledBack.put(id, what))) {
      write();
    }
  }

  void forgetRollBack(String id) {
    if (rolledBack.remove(id) != null) {
      write();
    }
  }

  private void read(JsonObject json) {
    for (Map.Entry<String, JsonElement> each : object(json, "switched").entrySet()) {
      switched.put(each.getKey(), each.getValue().getAsBoolean());
    }
    for (Map.Entry<String, JsonElement> each : object(json, "rolledBack").entrySet()) {
      JsonObject what = each.getValue().getAsJsonObject();
      RolledBack known =
          new RolledBack(text(what, "refused"), text(what, "runs"), text(what, "reason"));
      if (!PinFile.isHash(known.refused()) || !PinFile.isHash(known.runs())) {
        throw new JsonParseException("what was rolled back has no SHA-256");
      }
      rolledBack.put(each.getKey(), known);
    }
  }

  private static JsonObject object(JsonObject json, String name) {
    return json.has(name) ? json.getAsJsonObject(name) : new JsonObject();
  }

  private static String text(JsonObject json, String name) {
    JsonElement value = json.get(name);
    if (value == null || !value.isJsonPrimitive()) {
      throw new JsonParseException("'" + name + "' is missing");
    }
    return value.getAsString();
  }

  /** Not to be able to remember must not keep the operator from switching. */
  private void write() {
    JsonObject json = new JsonObject();
    JsonObject switches = new JsonObject();
    switched.forEach(switches::addProperty);
    json.add("switched", switches);
    JsonObject refusals = new JsonObject();
    rolledBack.forEach(
        (id, what) -> {
          JsonObject each = new JsonObject();
          each.addProperty("refused", what.refused());
          each.addProperty("runs", what.runs());
          each.addProperty("reason", what.reason());
          refusals.add(id, each);
        });
    json.add("rolledBack", refusals);
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(draft);
      try (FileChannel out =
          FileChannel.open(
              draft,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              ownerOnly(file))) {
        ByteBuffer bytes = ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.error(
          "{} cannot be written, so a restart forgets what was switched: {}", file, e.toString());
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
