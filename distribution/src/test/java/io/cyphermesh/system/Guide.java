package io.cyphermesh.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a reader of a guide in Markdown does: files, each a fenced block below a line that holds
 * nothing but its name and a colon, and commands, each a block of the language {@code sh}. Blocks
 * of other languages are only read.
 */
record Guide(List<Step> steps) {
  private static final Pattern NAME = Pattern.compile("`([^`]+)`:");
  private static final Pattern FENCE = Pattern.compile("```(\\w*)");

  /** One block. */
  sealed interface Step {}

  /** A file, its name relative to the project's folder. */
  record Write(Path file, String text) implements Step {}

  /** Commands for a shell. */
  record Run(String commands) implements Step {}

  static Guide read(Path markdown) throws IOException {
    List<Step> steps = new ArrayList<>();
    String before = "";
    for (Iterator<String> lines = Files.readAllLines(markdown).iterator(); lines.hasNext(); ) {
      String line = lines.next();
      Matcher fence = FENCE.matcher(line);
      if (fence.matches()) {
        String text = block(lines);
        Matcher name = NAME.matcher(before);
        if (name.matches()) {
          steps.add(new Write(inside(name.group(1)), text));
        } else if (fence.group(1).equals("sh")) {
          steps.add(new Run(text));
        }
      }
      if (!line.isBlank()) {
        before = line;
      }
    }
    return new Guide(List.copyOf(steps));
  }

  private static String block(Iterator<String> lines) {
    StringBuilder text = new StringBuilder();
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.equals("```")) {
        return text.toString();
      }
      text.append(line).append('\n');
    }
    throw new IllegalArgumentException("the last block of the guide has no end");
  }

  private static Path inside(String name) {
    Path file = Path.of(name).normalize();
    if (file.isAbsolute() || file.startsWith("..")) {
      throw new IllegalArgumentException(name + " is not inside of the project");
    }
    return file;
  }

  /** The lines of Java that are not tests, blank ones included. */
  long linesOfJava() {
    return steps.stream()
        .mapMulti(
            (Step step, java.util.function.Consumer<String> each) -> {
              if (step instanceof Write(Path file, String text)
                  && file.startsWith("src/main/java")) {
                text.lines().forEach(each);
              }
            })
        .count();
  }
}
