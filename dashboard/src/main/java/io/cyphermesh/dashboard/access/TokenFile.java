package io.cyphermesh.dashboard.access;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The file {@code tokens.json} of a data directory: every token that was made, by its hash. A
 * running node alone writes it; without one, whoever holds the directory's lock.
 */
public final class TokenFile {
  /** How many there may be: each is compared with what a caller shows. */
  public static final int MOST = 256;

  private static final int VERSION = 1;
  private static final int MOST_BYTES = 1 << 20;

  /** Tells secret scanners, and who finds it in a log, what it is. */
  private static final String PREFIX = "cypher_";

  private final Path file;

  /** The file need not be there. */
  public TokenFile(Path file) {
    this.file = file;
  }

  /**
   * A token with its secret, which nobody can tell later on.
   *
   * @param secret what its holder shows
   */
  public record Made(Token token, String secret) {}

  Path path() {
    return file;
  }

  /**
   * All tokens, in the order in which they were made.
   *
   * @throws IOException if it cannot be read, is damaged, or others may write it; one line
   */
  public List<Token> read() throws IOException {
    String text;
    try {
      if (PrivateFile.isShared(
          file, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE)) {
        throw new IOException(
            file + " can be written by others, so none of its tokens counts: chmod 600 it");
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException(file + " is larger than 1 MiB: it is no list of tokens");
      }
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
    try {
      JsonObject root = JsonParser.parseString(text).getAsJsonObject();
      if (root.get("version").getAsInt() != VERSION) {
        throw new IOException(file + " is of a newer version of this program");
      }
      List<Token> tokens = new ArrayList<>();
      for (JsonElement element : root.getAsJsonArray("tokens")) {
        tokens.add(token(element.getAsJsonObject()));
      }
      return List.copyOf(tokens);
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | DateTimeException
        | NullPointerException e) {
      throw new IOException(file + " is damaged: restore it, or delete it and make new tokens", e);
    }
  }

  private static Token token(JsonObject json) {
    return new Token(
        json.get("id").getAsString(),
        json.get("name").getAsString(),
        Role.of(json.get("role").getAsString()).orElseThrow(IllegalArgumentException::new),
        json.get("sha256").getAsString(),
        Instant.parse(json.get("created").getAsString()),
        json.has("expires")
            ? Optional.of(Instant.parse(json.get("expires").getAsString()))
            : Optional.empty());
  }

  /**
   * Makes a token.
   *
   * @throws IllegalArgumentException if there can be none like that; the message is one line
   * @throws IllegalStateException if there is one of that name, or are too many; likewise
   * @throws IOException as {@link #read}, or if it cannot be written
   */
  public synchronized Made create(
      String name, Role role, Optional<Instant> expires, Instant now, RandomGenerator random)
      throws IOException {
    Token.requireName(name);
    List<Token> tokens = new ArrayList<>(read());
    if (tokens.stream().anyMatch(known -> known.name().equals(name))) {
      throw new IllegalStateException(
          "there is a token '" + name + "' already: revoke it first, or choose another name");
    }
    if (tokens.size() >= MOST) {
      throw new IllegalStateException(
          "there are " + MOST + " tokens already: revoke those that nobody needs");
    }
    if (expires.isPresent() && !now.isBefore(expires.get())) {
      throw new IllegalArgumentException("a token that has expired already helps nobody");
    }
    String secret = PREFIX + Secrets.next(random);
    String hash = Secrets.hex(Secrets.hash(secret));
    Token made = new Token(hash.substring(0, 8), name, role, hash, now, expires);
    tokens.add(made);
    write(tokens);
    return new Made(made, secret);
  }

  /**
   * Takes a token's power away for good.
   *
   * @param nameOrId as it is listed
   * @return what it was; empty if there is none
   * @throws IOException as {@link #read}, or if it cannot be written
   */
  public synchronized Optional<Token> revoke(String nameOrId) throws IOException {
    List<Token> tokens = new ArrayList<>(read());
    Optional<Token> found =
        tokens.stream()
            .filter(token -> token.name().equals(nameOrId))
            .findFirst()
            .or(() -> tokens.stream().filter(token -> token.id().equals(nameOrId)).findFirst());
    if (found.isPresent()) {
      tokens.remove(found.get());
      write(tokens);
    }
    return found;
  }

  private void write(List<Token> tokens) throws IOException {
    JsonArray list = new JsonArray();
    for (Token token : tokens) {
      JsonObject json = new JsonObject();
      json.addProperty("id", token.id());
      json.addProperty("name", token.name());
      json.addProperty("role", token.role().term());
      json.addProperty("sha256", token.sha256());
      json.addProperty("created", token.created().toString());
      token.expires().ifPresent(at -> json.addProperty("expires", at.toString()));
      list.add(json);
    }
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.add("tokens", list);
    PrivateFile.write(file, root + "\n");
  }
}
