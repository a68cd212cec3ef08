package io.cyphermesh.cli.support;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The end of a text file. */
public final class FileEnd {
  private FileEnd() {}

  /**
   * The end of a file, from the beginning of a line.
   *
   * @param most how many bytes at most
   */
  public static String of(Path file, long most) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long length = in.length();
      long from = Math.max(0, length - most);
      in.seek(from);
      byte[] bytes = new byte[(int) (length - from)];
      in.readFully(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8);
      return from == 0 ? text : text.substring(text.indexOf('\n') + 1);
    }
  }
}
