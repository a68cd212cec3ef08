package io.cyphermesh.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordTest {
  @TempDir private Path folder;
  private final List<Integer> halts = new ArrayList<>();

  @Test
  void aThreadOfTheNodesOwnThatIsOutOfMemoryEndsTheProcess() throws IOException {
    String said = hear(new Thread(() -> {}), new OutOfMemoryError("Java heap space"));
    assertThat(halts).containsExactly(3);
    assertThat(said).endsWith("JAVA_OPTS=-Xmx1g\n").hasLineCount(1);
  }

  @Test
  void aPluginsThreadThatIsOutOfMemoryDoesNot() throws IOException {
    String said =
        hear(
            new Thread(new ThreadGroup("plugin-greedy"), () -> {}),
            new OutOfMemoryError("Java heap space"));
    assertThat(halts).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void anotherFaultDoesNot() throws IOException {
    assertThat(hear(new Thread(() -> {}), new IllegalStateException("a test's"))).isEmpty();
    assertThat(hear(new Thread(() -> {}), new StackOverflowError())).isEmpty();
    assertThat(halts).isEmpty();
  }

  private String hear(Thread thread, Throwable fault) throws IOException {
    Path err = folder.resolve("err");
    try (FileOutputStream out = new FileOutputStream(err.toFile())) {
      LastWord.of(out, halts::add).uncaughtException(thread, fault);
    }
    return Files.readString(err);
  }
}
