package io.cyphermesh.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {

  @Test
  void plainTextStaysAsItIs() {
    assertThat(Printable.of("ssh-bruteforce für 東京 é")).isEqualTo("ssh-bruteforce für 東京 é");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[31mred",
        "a\nb",
        "a\rb",
        "\u0007",
        "\u009b2J",
        "\u202Eevil",
        "\u2066x",
        "\u200b",
        "\u2028",
        "\u00a0",
        "\ud800",
        "\ue000",
        "\u007f",
        "\u3164"
      })
  void whatDrivesOrDeceivesATerminalBecomesAnEscape(String text) {
    assertThat(Printable.of(text)).contains("\\u");
    assertThat(Printable.of(text).codePoints())
        .allMatch(c -> c >= ' ' && c != 0x7f && Character.getType(c) != Character.FORMAT);
  }

  @Test
  void pilesOfMarksAreCutOff() {
    assertThat(Printable.of("a" + "\u0301".repeat(50)).codePoints().filter(c -> c == 0x301))
        .hasSize(2);
  }

  @Test
  void wideCharactersCountTwice() {
    assertThat(Printable.width("東京")).isEqualTo(4);
    assertThat(Printable.width("e\u0301")).isEqualTo(1);
  }

  @Test
  void cutTextNeverIsWiderThanAsked() {
    assertThat(Printable.fit("東京東京", 5)).isEqualTo("東京…");
    assertThat(Printable.width(Printable.fit("東京東京", 4))).isLessThanOrEqualTo(4);
    assertThat(Printable.fit("abc", 3)).isEqualTo("abc");
  }
}
