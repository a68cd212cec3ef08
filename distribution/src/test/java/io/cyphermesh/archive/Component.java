package io.cyphermesh.archive;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A library as {@code sbom.json} names it.
 *
 * @param group of Maven
 * @param name of Maven
 * @param jar the name of its file
 * @param licences what its authors say
 */
record Component(String group, String name, String jar, List<String> licences) {
  private static final Pattern PURL =
      Pattern.compile("pkg:maven/([^/]+)/([^@]+)@([^?]+)(?:\\?(?:classifier=([^&]+)&)?type=jar)?");

  static Component of(JsonObject json) {
    Matcher purl = PURL.matcher(json.get("purl").getAsString());
    if (!purl.matches()) {
      throw new IllegalArgumentException(json.get("purl").getAsString());
    }
    List<String> licences = new ArrayList<>();
    if (json.has("licenses")) {
      for (JsonElement each : json.getAsJsonArray("licenses")) {
        JsonObject choice = each.getAsJsonObject();
        JsonObject licence = choice.has("license") ? choice.getAsJsonObject("license") : choice;
        for (String key : List.of("id", "name", "expression")) {
          if (licence.has(key)) {
            licences.add(licence.get(key).getAsString());
          }
        }
      }
    }
    String classifier = purl.group(4) == null ? "" : "-" + purl.group(4);
    return new Component(
        purl.group(1),
        purl.group(2),
        purl.group(2) + "-" + purl.group(3) + classifier + ".jar",
        licences);
  }

  boolean ours() {
    return group.equals("io.cyphermesh");
  }
}
