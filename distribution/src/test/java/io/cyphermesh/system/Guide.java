package io.cyphermesh.system;

import io.cyphermesh.docs.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a reader of a guide in Markdown does: files, each a fenced block below a line that holds
 * nothing but its name and a colon, and commands, each a block of the language {@code sh}. Blocks
 * of other languages are only read.
 */
record Guide(List<Step> steps) {
  /** One block. */
  sealed interface Step {}

  /** A file, its name relative to the project's folder. */
  record Write(Path file, String text) implements Step {}

  /** Commands for a shell. */
  record Run(String commands) implements Step {}

  static Guide read(Path markdown) throws IOException {
    List<Step> steps = new ArrayList<>();
    for (Page.Block block : Page.read(markdown).blocks()) {
      if (block.caption().isPresent()) {
        steps.add(new Write(inside(block.caption().get()), block.text()));
      } else if (block.language().equals("sh")) {
        steps.add(new Run(block.text()));
      }
    }
    return new Guide(List.copyOf(steps));
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
