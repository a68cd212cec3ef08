package io.cyphermesh.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;
import io.cyphermesh.cli.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventFileTest {
  private final List<JsonObject> checked = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  private void check(String text) throws IOException {
    check(text.getBytes(StandardCharsets.UTF_8));
  }

  private void check(byte[] bytes) throws IOException {
    new EventFile(
            event -> {
              checked.add(event);
              return new Finding.Valid(Json.text(event, "id").orElse("-"));
            },
            findings::add)
        .check(new ByteArrayInputStream(bytes));
  }

  private List<String> ids() {
    return checked.stream().map(event -> Json.text(event, "id").orElse("-")).toList();
  }

  @Test
  void anArrayIsRead() throws IOException {
    check(" [{\"id\": \"a\"},\n {\"id\": \"b\"}]\n");
    assertThat(ids()).containsExactly("a", "b");
  }

  @Test
  void anObjectOverManyLinesIsRead() throws IOException {
    check("{\n  \"id\": \"a\"\n}\n");
    assertThat(ids()).containsExactly("a");
  }

  @Test
  void anObjectALineIsRead() throws IOException {
    check("{\"id\": \"a\"}\n\n{\"id\": \"b\"}");
    assertThat(ids()).containsExactly("a", "b");
  }

  @Test
  void aPageOfTheRestInterfaceIsRead() throws IOException {
    check("{\"events\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"next\": null}");
    assertThat(ids()).containsExactly("a", "b");
  }

  @Test
  void remarksOfTheDashboardAreLeftAside() throws IOException {
    check("{\"id\": \"a\", \"seq\": 7, \"verified\": true, \"details\": {\"count\": 3}}");
    assertThat(checked.getFirst().keySet()).containsExactly("id", "details");
  }

  @Test
  void aBrokenLineIsInvalidAndTheNextIsRead() throws IOException {
    check("{\"id\": \"a\"}\n{\"id\": \n{\"id\": \"b\"}\n");
    assertThat(findings)
        .containsExactly(
            new Finding.Valid("a"),
            new Finding.Invalid("-", "line 2 is no JSON"),
            new Finding.Valid("b"));
  }

  @Test
  void aBrokenFirstLineIsInvalidAndTheNextIsRead() throws IOException {
    check("{\"id\": \n{\"id\": \"b\"}\n");
    assertThat(findings)
        .containsExactly(new Finding.Invalid("-", "line 1 is no JSON"), new Finding.Valid("b"));
  }

  @Test
  void whatIsNoEventIsInvalid() throws IOException {
    check("[1, {\"a\": 2}]");
    assertThat(findings).allMatch(Finding.Invalid.class::isInstance).hasSize(2);
  }

  @Test
  void aKeyThatStandsThereTwiceIsNoJson() throws IOException {
    check("{\"id\": \"a\"}\n{\"id\": \"a\", \"id\": \"b\"}");
    assertThat(findings.getLast()).isEqualTo(new Finding.Invalid("-", "line 2 is no JSON"));
  }

  @Test
  void whatANodeWouldNotReadIsInvalid() throws IOException {
    check(
        "[{\"id\": \"a\", \"x\": "
            + ("[".repeat(24) + "]".repeat(24) + "},")
            + ("{\"id\": \"b\", \"x\": [" + "1, ".repeat(20_000) + "1]},")
            + "{\"id\": \"c\"}]");
    assertThat(findings)
        .containsExactly(
            new Finding.Invalid("a", "number 1: nested deeper than 24"),
            new Finding.Invalid("b", "number 2: more than 20000 values"),
            new Finding.Valid("c"));
  }

  @Test
  void anUnpairedSurrogateIsNoJson() throws IOException {
    check("{\"id\": \"a\"}\n{\"id\": \"b\", \"threat_type\": \"\\ud800\"}");
    assertThat(findings.getLast()).isEqualTo(new Finding.Invalid("-", "line 2 is no JSON"));
  }

  @Test
  void whatIsNoJsonAtAllIsSaidSo() {
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> check("hello"));
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> check(""));
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> check("[{\"id\": \"a\"}"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> check(new byte[] {'{', (byte) 0xff, '}'}))
        .withMessageContaining("UTF-8");
  }
}
