package io.cyphermesh.suricata;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.suricata.EveAlert.Direction;
import io.cyphermesh.suricata.EveAlert.Signature;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one EVE record. Only {@code timestamp} and {@code event_type} are sure to be there; unknown
 * keys and values of a wrong type are passed over. Of a key that stands twice the first counts.
 */
final class EveParser {

  private static final String CEE = "@cee:";
  private static final int MAX_DEPTH = 64;
  private static final int MAX_TEXT = 512;
  private static final int MAX_LIST = 16;
  private static final Pattern TECHNIQUE = Pattern.compile("T\\d{4}(\\.\\d{3})?");
  private static final Pattern TACTIC = Pattern.compile("TA\\d{4}");
  private static final Pattern CVE = Pattern.compile("(?:CVE[_-])?(\\d{4})[_-](\\d{4,7})");

  private EveParser() {}

  /**
   * Whether the line can be an alert at all. Says no only where it cannot: the value {@code
   * "alert"} stands nowhere in it, neither plain nor with an escape that could hide it.
   */
  static boolean mayBeAlert(String line) {
    return line.contains("\"alert\"") || line.contains("\\u00");
  }

  /** Reads {@code line}; throws nothing, whatever it holds. */
  static EveLine parse(String line) {
    int start = begin(line);
    if (start < 0) {
      return new EveLine.Malformed("no JSON object");
    }
    Fields fields = new Fields();
    StringReader text = new StringReader(start == 0 ? line : line.substring(start));
    JsonReader in = new JsonReader(text);
    in.setNestingLimit(MAX_DEPTH);
    boolean cut = false;
    try {
      if (!fields.readTop(in)) {
        return new EveLine.Other(fields.eventType);
      }
      if (in.peek() != JsonToken.END_DOCUMENT) {
        return new EveLine.Malformed("something stands behind the JSON object");
      }
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      // A record that was cut for its length, mostly inside the payload at its end, still says who
      // and what: the rest could only have made the decision more cautious, never turn to home.
      cut = fields.alertRead && !line.stripTrailing().endsWith("}");
      if (!cut) {
        return new EveLine.Malformed("no JSON");
      }
    }
    if (!fields.eventType.equals("alert")) {
      return fields.eventType.isEmpty()
          ? new EveLine.Malformed("no event_type")
          : new EveLine.Other(fields.eventType);
    }
    return new EveLine.Alert(fields.toAlert(cut));
  }

  /** Where the object begins; -1 if the line does not look like a record. */
  private static int begin(String line) {
    int at = blanks(line, 0);
    if (at < line.length() && line.charAt(at) == '\uFEFF') {
      at = blanks(line, at + 1);
    }
    if (at < line.length() && line.charAt(at) != '{') {
      // A syslog header may stand before the cookie.
      int cookie = line.indexOf(CEE, at);
      if (cookie < 0 || cookie > at + 256) {
        return -1;
      }
      at = blanks(line, cookie + CEE.length());
    }
    return at < line.length() && line.charAt(at) == '{' ? at : -1;
  }

  private static int blanks(String line, int at) {
    while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }

  /** What was read so far, while reading. */
  private static final class Fields {
    private String eventType = "";
    private boolean alertRead;
    private @Nullable String timestamp;
    private @Nullable String source;
    private long sourcePort = -1;
    private @Nullable String destination;
    private long destinationPort = -1;
    private long flowId = -1;
    private @Nullable String protocol;
    private @Nullable String appProtocol;
    private @Nullable String direction;
    private @Nullable String flowSource;
    private @Nullable String ruleSource;
    private @Nullable String ruleTarget;
    private @Nullable String forwardedFor;
    private @Nullable String verdict;
    private @Nullable String action;
    private long generator = -1;
    private long id = -1;
    private @Nullable String message;
    private @Nullable String category;
    private long priority = -1;
    private @Nullable String confidence;
    private final List<String> attackTargets = new ArrayList<>();
    private final List<String> techniques = new ArrayList<>();
    private final List<String> tactics = new ArrayList<>();
    private final List<String> cves = new ArrayList<>();

    /** Returns false once it is known to be no alert; the rest is not read then. */
    private boolean readTop(JsonReader in) throws IOException {
      in.beginObject();
      while (in.hasNext()) {
        switch (in.nextName()) {
          case "event_type" -> {
            String type = text(in);
            if (eventType.isEmpty()) {
              eventType = type == null || type.isEmpty() ? "?" : type;
              if (!eventType.equals("alert")) {
                return false;
              }
            }
          }
          case "timestamp" -> timestamp = first(timestamp, text(in));
          case "src_ip" -> source = first(source, text(in));
          case "src_port" -> sourcePort = first(sourcePort, number(in));
          case "dest_ip" -> destination = first(destination, text(in));
          case "dest_port" -> destinationPort = first(destinationPort, number(in));
          case "flow_id" -> flowId = first(flowId, number(in));
          case "proto" -> protocol = first(protocol, text(in));
          case "app_proto" -> appProtocol = first(appProtocol, text(in));
          case "direction" -> direction = first(direction, text(in));
          case "xff" -> forwardedFor = first(forwardedFor, text(in));
          case "flow" -> flowSource = first(flowSource, member(in, "src_ip"));
          case "verdict" -> verdict = first(verdict, member(in, "action"));
          case "alert" -> readAlert(in);
          default -> in.skipValue();
        }
      }
      in.endObject();
      return true;
    }

    private void readAlert(JsonReader in) throws IOException {
      if (alertRead || in.peek() != JsonToken.BEGIN_OBJECT) {
        in.skipValue();
        return;
      }
      in.beginObject();
      while (in.hasNext()) {
        switch (in.nextName()) {
          case "action" -> action = first(action, text(in));
          case "gid" -> generator = first(generator, number(in));
          case "signature_id" -> id = first(id, number(in));
          case "signature" -> message = first(message, text(in));
          case "category" -> category = first(category, text(in));
          case "severity" -> priority = first(priority, number(in));
          case "source" -> ruleSource = first(ruleSource, member(in, "ip"));
          case "target" -> ruleTarget = first(ruleTarget, member(in, "ip"));
          case "xff" -> forwardedFor = first(forwardedFor, text(in));
          case "metadata" -> readMetadata(in);
          default -> in.skipValue();
        }
      }
      in.endObject();
      alertRead = true;
    }

    private void readMetadata(JsonReader in) throws IOException {
      if (in.peek() != JsonToken.BEGIN_OBJECT) {
        in.skipValue();
        return;
      }
      in.beginObject();
      while (in.hasNext()) {
        switch (in.nextName()) {
          case "mitre_technique_id", "mitre_subtechnique_id" -> matching(in, TECHNIQUE, techniques);
          case "mitre_tactic_id" -> matching(in, TACTIC, tactics);
          case "cve" -> {
            for (String each : texts(in)) {
              var matcher = CVE.matcher(each.toUpperCase(Locale.ROOT));
              if (matcher.matches() && cves.size() < MAX_LIST) {
                cves.add("CVE-" + matcher.group(1) + "-" + matcher.group(2));
              }
            }
          }
          case "confidence" -> {
            List<String> texts = texts(in);
            confidence = first(confidence, texts.isEmpty() ? null : texts.getFirst());
          }
          case "attack_target" -> {
            for (String each : texts(in)) {
              if (attackTargets.size() < MAX_LIST) {
                attackTargets.add(each);
              }
            }
          }
          default -> in.skipValue();
        }
      }
      in.endObject();
    }

    private static void matching(JsonReader in, Pattern pattern, List<String> into)
        throws IOException {
      for (String each : texts(in)) {
        String upper = each.strip().toUpperCase(Locale.ROOT);
        if (pattern.matcher(upper).matches() && into.size() < MAX_LIST && !into.contains(upper)) {
          into.add(upper);
        }
      }
    }

    /** The texts of an array, or one text alone. */
    private static List<String> texts(JsonReader in) throws IOException {
      List<String> texts = new ArrayList<>();
      if (in.peek() != JsonToken.BEGIN_ARRAY) {
        String text = text(in);
        if (text != null) {
          texts.add(text);
        }
        return texts;
      }
      in.beginArray();
      while (in.hasNext()) {
        String text = text(in);
        if (text != null && texts.size() < MAX_LIST) {
          texts.add(text);
        }
      }
      in.endArray();
      return texts;
    }

    /** The text {@code name} of an object. */
    private static @Nullable String member(JsonReader in, String name) throws IOException {
      if (in.peek() != JsonToken.BEGIN_OBJECT) {
        in.skipValue();
        return null;
      }
      String value = null;
      in.beginObject();
      while (in.hasNext()) {
        if (in.nextName().equals(name)) {
          value = first(value, text(in));
        } else {
          in.skipValue();
        }
      }
      in.endObject();
      return value;
    }

    private static @Nullable String text(JsonReader in) throws IOException {
      if (in.peek() != JsonToken.STRING) {
        in.skipValue();
        return null;
      }
      String text = in.nextString();
      return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
    }

    /** A whole number from 0 on, also one in quotes; -1 for anything else. */
    private static long number(JsonReader in) throws IOException {
      JsonToken token = in.peek();
      if (token != JsonToken.NUMBER && token != JsonToken.STRING) {
        in.skipValue();
        return -1;
      }
      String text = in.nextString();
      if (text.isEmpty() || text.length() > 19) {
        return -1;
      }
      long value = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c < '0' || c > '9') {
          return -1;
        }
        value = value * 10 + c - '0';
      }
      return Math.max(value, -1);
    }

    private static @Nullable String first(@Nullable String known, @Nullable String now) {
      return known == null ? now : known;
    }

    private static long first(long known, long now) {
      return known < 0 ? now : known;
    }

    private static @Nullable IpAddress address(@Nullable String text) {
      return text == null ? null : IpAddress.parse(text).orElse(null);
    }

    private static String orEmpty(@Nullable String text) {
      return text == null ? "" : text;
    }

    private static int port(long number) {
      return number > 0 && number <= 65_535 ? (int) number : 0;
    }

    private EveAlert toAlert(boolean cut) {
      Direction way =
          switch (orEmpty(direction)) {
            case "to_server" -> Direction.TO_SERVER;
            case "to_client" -> Direction.TO_CLIENT;
            default -> Direction.UNKNOWN;
          };
      String became = verdict;
      if (became == null) {
        // Before version 7 there was only this, and "allowed" says nothing.
        became = orEmpty(action).equals("blocked") ? "drop" : "";
      }
      return new EveAlert(
          orEmpty(timestamp),
          address(source),
          port(sourcePort),
          address(destination),
          port(destinationPort),
          Math.max(flowId, 0),
          orEmpty(protocol),
          orEmpty(appProtocol),
          way,
          address(flowSource),
          address(ruleSource),
          address(ruleTarget),
          orEmpty(forwardedFor),
          became,
          cut,
          new Signature(
              generator < 0 ? 1 : generator,
              Math.max(id, 0),
              orEmpty(message),
              orEmpty(category),
              priority < 1 ? 3 : priority,
              orEmpty(confidence),
              List.copyOf(attackTargets),
              List.copyOf(techniques),
              List.copyOf(tactics),
              List.copyOf(cves)));
    }
  }
}
