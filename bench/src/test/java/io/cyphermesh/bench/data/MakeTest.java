package io.cyphermesh.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MakeTest {
  private static final String DOCUMENTATION =
      ".*\\b(192\\.0\\.2|198\\.51\\.100|203\\.0\\.113)\\.\\d+.*";

  @TempDir private Path folder;

  @Test
  void anSshLogHasSoManyLinesAndIsTheSameForTheSameSeed() throws Exception {
    MakeSshLog.write(folder.resolve("a"), 1003, 7);
    MakeSshLog.write(folder.resolve("b"), 1003, 7);
    MakeSshLog.write(folder.resolve("c"), 1003, 8);
    List<String> lines = Files.readAllLines(folder.resolve("a"));
    assertThat(lines).hasSize(1003).isEqualTo(Files.readAllLines(folder.resolve("b")));
    assertThat(lines).isNotEqualTo(Files.readAllLines(folder.resolve("c")));
    assertThat(lines.stream().filter(line -> line.contains("Failed password")))
        .isNotEmpty()
        .allMatch(line -> line.matches(DOCUMENTATION));
  }

  @Test
  void eachLineOfAnEveFileIsARecordAndSomeAreAlerts() throws Exception {
    MakeEve.write(folder.resolve("eve.json"), 400_000, 7);
    List<JsonObject> records =
        Files.readAllLines(folder.resolve("eve.json")).stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(records).allMatch(r -> r.has("timestamp") && r.has("event_type"));
    assertThat(records.stream().filter(r -> r.get("event_type").getAsString().equals("alert")))
        .hasSizeBetween(records.size() / 20, records.size() / 5);
    assertThat(Files.size(folder.resolve("eve.json"))).isBetween(400_000L, 402_000L);
  }
}
