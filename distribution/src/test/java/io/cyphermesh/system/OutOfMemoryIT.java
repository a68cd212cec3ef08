package io.cyphermesh.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cyphermesh.core.plugin.JarBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plugin that keeps everything for ever, which Java cannot contain: whose thread finds nothing
 * left is luck.
 */
@Tag("system")
class OutOfMemoryIT {
  @TempDir private Path folder;

  @Test
  void aNodeWithoutMemorySaysSoAndEndsRatherThanLiveOnByHalves() throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    JarBuilder.plugin(folder, "hoarder")
        .source(
            "D",
            "public class D implements Detector { static Object[] all; public void"
                + " run(DetectorContext context) { while (true) { all = new Object[] {all, new"
                + " int[2]}; } } }")
        .service(io.cyphermesh.api.Detector.class, "plug.D")
        .buildTo(data.resolve("plugins").resolve("hoarder.jar"));
    try (Node node = Node.launch(data, 0)) {
      await("the end of it, or a plugin that has failed")
          .atMost(Duration.ofMinutes(2))
          .ignoreExceptions()
          .until(() -> !node.isAlive() || failed(node));
      System.out.println("hoarder: " + (node.isAlive() ? "contained" : "ended the node"));
      if (!node.isAlive()) {
        assertThat(node.exitCode()).isEqualTo(3);
        assertThat(Files.readString(Node.output(data)))
            .contains("the node is out of memory and ends (exit code 3)");
      }
    }
  }

  private static boolean failed(Node node) throws java.io.IOException {
    return node.plugins().stream()
        .anyMatch(
            plugin ->
                plugin.get("id").getAsString().equals("hoarder")
                    && plugin.get("state").getAsString().equals("FAILED")
                    && plugin.get("lastError").getAsString().contains("OutOfMemoryError"));
  }
}
