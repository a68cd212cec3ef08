package io.cyphermesh.core.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cyphermesh.api.EventId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * The fields of a message: read to the letter, or refused. Bytes stand in base64 of the standard
 * alphabet without padding, and in no other way than encoding them again gives.
 */
final class Fields {
  /** Largest integer that every JSON reader keeps. */
  static final long MAX_INTEGER = (1L << 53) - 1;

  private static final int ID_BYTES = 32;
  private static final HexFormat HEX = HexFormat.of();

  private Fields() {}

  static String text(JsonObject json, String field) throws ProtocolException {
    if (json.get(field) instanceof JsonPrimitive value && value.isString()) {
      return value.getAsString();
    }
    throw new ProtocolException(field + " is no text");
  }

  static long integer(JsonObject json, String field, long max) throws ProtocolException {
    if (json.get(field) instanceof JsonPrimitive value && value.isNumber()) {
      String text = value.getAsString();
      if (text.length() <= 16 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
        long number = Long.parseLong(text);
        if (number <= max) {
          return number;
        }
      }
    }
    throw new ProtocolException(field + " is no whole number within 0 and " + max);
  }

  static boolean truth(JsonObject json, String field) throws ProtocolException {
    if (json.get(field) instanceof JsonPrimitive value && value.isBoolean()) {
      return value.getAsBoolean();
    }
    throw new ProtocolException(field + " is neither true nor false");
  }

  static JsonArray array(JsonObject json, String field, int max) throws ProtocolException {
    if (json.get(field) instanceof JsonArray array && array.size() <= max) {
      return array;
    }
    throw new ProtocolException(field + " is no array of at most " + max);
  }

  /**
   * @param max most bytes, counted before anything is decoded
   */
  static byte[] bytes(JsonObject json, String field, int max) throws ProtocolException {
    String text = text(json, field);
    // Four characters are three bytes; what is left of a group is fewer.
    if (text.length() <= (max * 4L + 2) / 3) {
      try {
        byte[] bytes = Base64.getDecoder().decode(text);
        if (base64(bytes).equals(text)) {
          return bytes;
        }
      } catch (IllegalArgumentException e) {
        // Said below, for all that is not exactly an encoding.
      }
    }
    throw new ProtocolException(field + " is not the base64 of at most " + max + " bytes");
  }

  /** As {@link #bytes}, of items that are so long each. */
  static byte[] items(JsonObject json, String field, int length, int max) throws ProtocolException {
    byte[] bytes = bytes(json, field, length * max);
    if (bytes.length % length != 0) {
      throw new ProtocolException(field + " are not of " + length + " bytes each");
    }
    return bytes;
  }

  static List<EventId> ids(JsonObject json, String field, int max) throws ProtocolException {
    byte[] bytes = items(json, field, ID_BYTES, max);
    List<EventId> ids = new ArrayList<>(bytes.length / ID_BYTES);
    for (int at = 0; at < bytes.length; at += ID_BYTES) {
      ids.add(id(bytes, at));
    }
    return ids;
  }

  static EventId id(byte[] bytes, int from) {
    return new EventId(HEX.formatHex(bytes, from, from + ID_BYTES));
  }

  static byte[] bytes(EventId id) {
    return HEX.parseHex(id.hex());
  }

  static String base64(List<EventId> ids) {
    byte[] bytes = new byte[ids.size() * ID_BYTES];
    for (int i = 0; i < ids.size(); i++) {
      System.arraycopy(bytes(ids.get(i)), 0, bytes, i * ID_BYTES, ID_BYTES);
    }
    return base64(bytes);
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }
}
