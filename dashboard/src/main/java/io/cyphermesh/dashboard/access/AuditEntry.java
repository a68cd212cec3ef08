package io.cyphermesh.dashboard.access;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;

/**
 * One line of the audit log.
 *
 * @param seq its number, ascending by one
 * @param time when it was over
 * @param who the token's name; {@code api-token} for the local one, {@code -} for nobody
 * @param via how he showed it: {@code token}, {@code session}, {@code cli} (no node ran) or {@code
 *     -}
 * @param from the IP address that he came from, or {@code -}
 * @param what method and path, or the command
 * @param about what it was done to, where that is not in the path; may be empty
 * @param outcome HTTP status; 0 where there was no request
 * @param detail what was answered to whom was refused; may be empty
 */
public record AuditEntry(
    long seq,
    Instant time,
    String who,
    String via,
    String from,
    String what,
    String about,
    int outcome,
    String detail) {
  private static final int MOST_BYTES = 200;

  public AuditEntry {
    who = cut(who);
    via = cut(via);
    from = cut(from);
    what = cut(what);
    about = cut(about);
    detail = cut(detail);
  }

  /** To what takes at most 200 bytes on the line and an ellipsis, escapes counted. */
  private static String cut(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      boolean plain =
          Character.isLetterOrDigit(each) || " -_./:,;+()[]{}@#?!%$*|~".indexOf(each) >= 0;
      bytes += each > '~' ? 3 : plain ? 1 : 6;
      if (each == '\u2028' || each == '\u2029') {
        bytes += 3;
      }
      if (bytes > MOST_BYTES && !(i == text.length() - 1 && each == '…')) {
        return text.substring(0, i) + "…";
      }
    }
    return text;
  }

  AuditEntry numbered(long number) {
    return new AuditEntry(number, time, who, via, from, what, about, outcome, detail);
  }

  /** Writes it as a JSON object. */
  public void writeTo(JsonWriter json) throws IOException {
    json.beginObject();
    json.name("seq").value(seq);
    json.name("time").value(time.toString());
    json.name("who").value(who);
    json.name("via").value(via);
    json.name("from").value(from);
    json.name("what").value(what);
    json.name("about").value(about);
    json.name("outcome").value(outcome);
    json.name("detail").value(detail);
    json.endObject();
  }

  /** On one line, whatever it holds: a JSON text has no line break in it. */
  String line() {
    StringWriter text = new StringWriter(256);
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(true);
      writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.append('\n').toString();
  }
}
