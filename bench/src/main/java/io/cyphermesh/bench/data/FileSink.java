package io.cyphermesh.bench.data;

import io.cyphermesh.bench.report.Progress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lines on their way into a file. */
final class FileSink implements AutoCloseable {
  private final OutputStream out;
  private final Progress progress;
  private long lines;
  private long bytes;

  FileSink(Path file) throws IOException {
    this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    this.progress = Progress.of("writing");
  }

  void line(String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    out.write(content);
    out.write('\n');
    lines++;
    bytes += content.length + 1L;
  }

  long lines() {
    return lines;
  }

  long bytes() {
    return bytes;
  }

  Progress progress() {
    return progress;
  }

  @Override
  public void close() throws IOException {
    progress.end();
    out.close();
  }
}
