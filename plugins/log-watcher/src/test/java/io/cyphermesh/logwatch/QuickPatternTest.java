package io.cyphermesh.logwatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QuickPatternTest {

  private static final List<String> FRAGMENTS =
      List.of(
          "Failed password for ",
          "Failed publickey for ",
          "invalid user ",
          "Invalid user ",
          "root",
          "a b",
          " from ",
          "198.51.100.1",
          "2001:db8::1",
          " port ",
          "22",
          " ssh2",
          " ssh",
          " [preauth]",
          " ",
          "",
          "x",
          ": RSA SHA256:a/b",
          "Connection closed by ",
          "authenticating user ",
          "PAM 4 more",
          " authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=",
          "  user=",
          "error: ",
          "maximum authentication attempts exceeded for ",
          "\uD83D\uDE00",
          "\uD83D",
          "é",
          "\n",
          "\t",
          "User ",
          " not allowed because not listed in AllowUsers",
          "Disconnected from ",
          "invalid user",
          "Accepted password for ",
          "drop connection #3 from [",
          "]:40000 on [192.0.2.1]:22",
          " penalty: failed authentication",
          ": Too many authentication failures",
          "banner exchange: ");

  private static List<String> shippedPatterns() {
    return HoconConfig.settings("").rules().values().stream()
        .flatMap(rule -> rule.patterns().stream())
        .toList();
  }

  private static void assertSame(String regex, String text) {
    Pattern pattern = Pattern.compile(regex);
    QuickPattern quick = Objects.requireNonNull(QuickPattern.compile(regex, pattern.namedGroups()));
    Matcher matcher = pattern.matcher(text);
    boolean matches = matcher.matches();
    QuickPattern.Outcome outcome = quick.match(text);
    if (outcome == QuickPattern.Outcome.GAVE_UP) {
      return;
    }
    assertThat(outcome == QuickPattern.Outcome.MATCH)
        .as("%s on %s", regex, text)
        .isEqualTo(matches);
    if (matches) {
      for (int group : pattern.namedGroups().values()) {
        assertThat(List.of(quick.start(group), quick.end(group)))
            .as("%s on %s, group %d", regex, text, group)
            .isEqualTo(List.of(matcher.start(group), matcher.end(group)));
      }
    }
  }

  @Test
  void everyShippedPatternIsAQuickOne() {
    assertThat(shippedPatterns())
        .allMatch(
            regex -> QuickPattern.compile(regex, Pattern.compile(regex).namedGroups()) != null);
  }

  @Test
  void itFindsWhatRe2Finds() {
    Random random = new Random(3);
    List<String> patterns = shippedPatterns();
    for (int i = 0; i < 60_000; i++) {
      String regex = patterns.get(random.nextInt(patterns.size()));
      StringBuilder text = new StringBuilder();
      String prefix = LinePattern.literalPrefix(regex);
      if (random.nextInt(4) > 0) {
        text.append(prefix);
      }
      for (int parts = random.nextInt(9); parts > 0; parts--) {
        text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
      }
      assertSame(regex, text.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?P<user>.*)(?P<src>\\S+)",
        "(?P<user>a|ab)(?P<src>c|bcd)(?P<port>d*)",
        "(?:(?P<user>a*) )?(?P<src>[a-c]+)",
        "(?P<src>a?)(?P<user>a?)b",
        "x?(?:ab|a)?(?P<src>b?\\d?.*)",
        "(?P<user>\\S*)(?P<src>.+)",
        "a+(?:b|(?P<src>c))d",
        "(?:|a)(?P<src>.*)"
      })
  void itAgreesOnWhatIsAmbiguous(String regex) {
    Random random = new Random(5);
    String letters = "aabbcd1 x\uD83D\uDE00";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(8); length > 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      assertSame(regex, text.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a)",
        "a{2}",
        "(?i)a",
        "\\w+",
        "\\bx",
        "[^a]",
        "[]a]",
        "[[:alpha:]]",
        "a*?",
        "(?:a)*",
        ".",
        "\\S",
        "^a$",
        "(?P<src>a)?",
        "é",
        "\\Qa\\E",
        "a**",
        ".?",
        "[\\d]",
        "\\x41"
      })
  void whatIsNotSimpleIsLeftToRe2(String regex) {
    assertThat(QuickPattern.compile(regex, Map.of("src", 1))).isNull();
  }

  @Test
  void aLineMadeToTakeLongIsGivenUp() {
    String regex = "(?P<user>.*)a.*a.*a.*a.*a(?P<src>x)";
    QuickPattern quick =
        Objects.requireNonNull(QuickPattern.compile(regex, Pattern.compile(regex).namedGroups()));

    assertThat(quick.match("a".repeat(1000))).isEqualTo(QuickPattern.Outcome.GAVE_UP);
  }
}
