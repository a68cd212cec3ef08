package io.cyphermesh.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files of the repository that are written from the code. A test compares them; with {@code
 * -Ddocs.write} it writes them.
 */
public final class Generated {
  /** The root of the sources. */
  public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final boolean WRITE = System.getProperty("docs.write") != null;
  private static final String HELP =
      "what is generated differs from the code. This writes it anew:\n  mvn -pl distribution -am"
          + " test -Dtest='*PageTest' -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write\n";

  private Generated() {}

  /** Requires, or makes, {@code text} the content of a file. */
  public static void file(String name, String text) throws IOException {
    Path file = ROOT.resolve(name);
    if (WRITE) {
      Files.writeString(file, text);
    }
    List<String> is = Files.exists(file) ? Files.readAllLines(file) : List.of();
    List<String> should = text.lines().toList();
    for (int i = 0; i < Math.max(is.size(), should.size()); i++) {
      // The first difference: a page is too long to be shown whole, and twice.
      assertThat(line(is, i)).as(name + ":" + (i + 1) + ": " + HELP).isEqualTo(line(should, i));
    }
  }

  private static String line(List<String> lines, int i) {
    return i < lines.size() ? lines.get(i) : "(the end)";
  }

  /**
   * Requires, or makes, {@code text} the content of a section of a page: what stands between {@code
   * <!-- generated: SECTION -->} and {@code <!-- end -->}.
   */
  public static void section(String name, String section, String text) throws IOException {
    String page = Files.readString(ROOT.resolve(name));
    Matcher place =
        Pattern.compile(
                "(?s)(?<=<!-- generated: " + Pattern.quote(section) + " -->\n).*?(?=<!-- end -->)")
            .matcher(page);
    assertThat(place.find()).as(name + " has a place for " + section).isTrue();
    file(
        name,
        page.substring(0, place.start())
            + "\n"
            + text.strip()
            + "\n\n"
            + page.substring(place.end()));
  }
}
