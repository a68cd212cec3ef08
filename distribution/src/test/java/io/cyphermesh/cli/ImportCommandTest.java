package io.cyphermesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.testing.TestReporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
  private static TestReporter reporter;

  @TempDir private Path folder;

  @BeforeAll
  static void makeReporter() {
    reporter = TestReporter.create();
  }

  private Trial node(String name) {
    return new Trial(folder.resolve(name));
  }

  @Test
  void whatEventsPrintsComesBackByImport() throws Exception {
    SavedNode.make(folder.resolve("a"), reporter, 120);
    String events = node("a").run("events", "--limit", "1000", "--json").out();

    Trial.Outcome first = node("b").piping(events).run("import", "-");
    assertThat(first.err()).isEmpty();
    assertThat(first.code()).isZero();
    assertThat(first.out()).isEqualTo("120 new, 0 duplicates, 0 refused\n");
    assertThat(node("b").piping(events).run("import", "-", "--json").json())
        .hasToString("{\"new\":0,\"duplicates\":120,\"refused\":0,\"reasons\":{},\"examples\":[]}");
    assertThat(node("b").run("check").code()).isZero();
  }

  @Test
  void whatIsRefusedIsNamedWithItsReason() throws Exception {
    List<String> events = SavedNode.texts(reporter, 3);
    Path file =
        Files.writeString(
            folder.resolve("events.jsonl"),
            events.get(0)
                + "\n"
                + events.get(1).replace("203.0.113.1", "203.0.113.9")
                + "\nno JSON\n"
                + events.get(2)
                + "\n");
    Trial.Outcome outcome = node("c").run("import", file.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.lines()).hasSize(3);
    assertThat(outcome.lines().get(0)).isEqualTo("refused  -  line 3 is no JSON");
    assertThat(outcome.lines().get(1)).contains("refused").contains("signature");
    assertThat(outcome.lines().get(2)).isEqualTo("2 new, 0 duplicates, 2 refused");
  }

  @Test
  void severalFilesAndAnArrayAreRead() throws Exception {
    List<String> events = SavedNode.texts(reporter, 4);
    Path lines = Files.writeString(folder.resolve("1"), events.get(0) + "\n" + events.get(1));
    Path array =
        Files.writeString(folder.resolve("2"), "[" + events.get(2) + "," + events.get(3) + "]");
    assertThat(node("d").run("import", lines.toString(), array.toString()).out())
        .isEqualTo("4 new, 0 duplicates, 0 refused\n");
  }

  @Test
  void aFileThatCannotBeReadIsToldBeforeAnythingIsDone() {
    Trial.Outcome outcome = node("e").run("import", "/nowhere.json");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("/nowhere.json does not exist");
    assertThat(folder.resolve("e")).doesNotExist();
  }

  @Test
  void aFileThatBreaksOffSaysWhatIsDone() throws Exception {
    List<String> events = SavedNode.texts(reporter, 2);
    Path file =
        Files.writeString(
            folder.resolve("broken.json"), "[" + events.get(0) + ", " + events.get(1).substring(9));
    Trial.Outcome outcome = node("f").run("import", file.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines())
        .singleElement()
        .asString()
        .contains("broken.json", "1 events were imported");
  }
}
