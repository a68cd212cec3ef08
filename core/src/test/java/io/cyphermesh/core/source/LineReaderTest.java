package io.cyphermesh.core.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineReaderTest {

  @Test
  void theLastLineCountsWithoutItsNewline() throws IOException {
    assertThat(lines("a\r\n\nb".getBytes(StandardCharsets.UTF_8))).containsExactly("a", "", "b");
  }

  @Test
  void anEmptyInputHasNoLines() throws IOException {
    assertThat(lines(new byte[0])).isEmpty();
  }

  @Test
  void aLongLineIsCutAndTheNextOneIsWhole() throws IOException {
    String text = "x".repeat(700_000) + "\nnext\n" + "y".repeat(70_000);
    assertThat(lines(text.getBytes(StandardCharsets.UTF_8)))
        .containsExactly("x".repeat(LineText.MAX_BYTES), "next", "y".repeat(LineText.MAX_BYTES));
  }

  @Test
  void aHoleOfNulsBelongsToNoLine() throws IOException {
    byte[] bytes = Arrays.copyOf(new byte[0], 1_000_005);
    System.arraycopy("line\n".getBytes(StandardCharsets.UTF_8), 0, bytes, 1_000_000, 5);
    assertThat(lines(bytes)).containsExactly("line");
  }

  @Test
  void whatComesInPiecesIsTheSame() throws IOException {
    byte[] bytes = "one\ntwo ä\nthree".getBytes(StandardCharsets.UTF_8);
    assertThat(lines(new OneByte(new ByteArrayInputStream(bytes))))
        .containsExactly("one", "two ä", "three");
  }

  @Test
  void linesThatHaveComeAreNotHeldBackForMore() throws IOException {
    InputStream more =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("asked for more, which may take an hour to come");
          }

          @Override
          public int read(byte[] bytes, int from, int length) {
            return read();
          }
        };
    InputStream first = new ByteArrayInputStream("now, at once\n".getBytes(StandardCharsets.UTF_8));
    try (LineReader reader = new LineReader(new SequenceInputStream(first, more))) {
      assertThat(reader.next()).containsExactly("now, at once");
    }
  }

  @Test
  void gzipIsKnownByItsBytesAndAllItsMembersAreRead() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(gzip("first\n"));
    both.write(gzip("second\n"));
    assertThat(lines(new OneByte(new ByteArrayInputStream(both.toByteArray()))))
        .containsExactly("first", "second");
  }

  @Test
  void gzipThatBreaksOffIsAnErrorBehindItsLines() throws IOException {
    byte[] whole = gzip("line\n".repeat(10_000));
    List<String> read = new ArrayList<>();
    assertThatThrownBy(
            () -> read(new ByteArrayInputStream(Arrays.copyOf(whole, whole.length - 12)), read))
        .isInstanceOf(EOFException.class);
    assertThat(read).contains("line");
  }

  @ParameterizedTest
  @ValueSource(strings = {"BZh91AY", "(\u00b5/\u00fd1234", "\u00fd7zXZ\u0000\u0000"})
  void otherPackersAreNamed(String start) {
    assertThatThrownBy(() -> lines(start.getBytes(StandardCharsets.ISO_8859_1)))
        .hasMessageContaining("packed by")
        .hasMessageContaining("pipe");
  }

  @Test
  void bytesAreThoseOfTheInputItself() throws IOException {
    byte[] packed = gzip("line\n".repeat(10_000));
    try (LineReader reader = new LineReader(new ByteArrayInputStream(packed))) {
      while (!reader.next().isEmpty()) {
        assertThat(reader.bytes()).isBetween(1L, (long) packed.length);
      }
      assertThat(reader.bytes()).isEqualTo(packed.length);
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packer = new GZIPOutputStream(out)) {
      packer.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static List<String> lines(byte[] bytes) throws IOException {
    return lines(new ByteArrayInputStream(bytes));
  }

  private static List<String> lines(InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    read(in, lines);
    return lines;
  }

  private static void read(InputStream in, List<String> lines) throws IOException {
    try (LineReader reader = new LineReader(in)) {
      for (List<String> next = reader.next(); !next.isEmpty(); next = reader.next()) {
        lines.addAll(next);
      }
    }
  }

  /** A pipe whose writer is slow. */
  private static final class OneByte extends InputStream {
    private final InputStream in;

    OneByte(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      return in.read(bytes, from, Math.min(length, 1));
    }
  }
}
