package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JarInspectionTest {
  /** Many times what a refusal takes, far less than unpacking takes. */
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path directory;

  private final RawZip zip = new RawZip();

  @Test
  void anHonestPluginPasses() throws Exception {
    Path jar = directory.resolve("a.jar");
    JarBuilder.plugin(directory, "a").detector("").index("plug.D").buildTo(jar);
    JarInspection.check(jar);
  }

  @Test
  void aJarOfManyEntriesStoredAndDeflatedPasses() throws Exception {
    Path jar = directory.resolve("large.jar");
    SplittableRandom random = new SplittableRandom(1);
    try (ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(jar)))) {
      out.setComment("a comment");
      out.putNextEntry(new ZipEntry("META-INF/"));
      out.closeEntry();
      for (int i = 0; i < 500; i++) {
        byte[] content = new byte[random.nextInt(20_000)];
        random.nextBytes(content);
        Arrays.fill(content, 0, content.length / 2, (byte) 'x');
        ZipEntry entry = new ZipEntry("grüße/C" + i + ".class");
        out.setLevel(random.nextInt(10));
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
      }
    }
    JarInspection.check(jar);
  }

  @Test
  void aJarMadeByHandPasses() throws Exception {
    zip.add("a", "content");
    RawZip.Entry stored = zip.add("b", new byte[] {'b'}, new byte[] {'b'});
    stored.method = 0;
    JarInspection.check(zip.writeTo(directory.resolve("x.jar")));
  }

  @Test
  void whatIsNoFileIsRefusedWithoutBeingOpened() throws Exception {
    Path pipe = directory.resolve("pipe.jar");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path link = Files.createSymbolicLink(directory.resolve("link.jar"), pipe);
    for (Path each : List.of(pipe, link)) {
      assertTimeoutPreemptively(
          SOON,
          () ->
              assertThatThrownBy(() -> JarInspection.check(each))
                  .isInstanceOf(PluginRefusedException.class)
                  .hasMessage("it is no plain file"));
    }
    assertRefused(directory, "it is a folder, not a jar");
    assertRefused(directory.resolve("gone.jar"), "there is no such file");
  }

  @Test
  void aLinkToAJarPasses() throws Exception {
    zip.add("a", "content");
    Path jar = zip.writeTo(directory.resolve("x.jar"));
    JarInspection.check(Files.createSymbolicLink(directory.resolve("link.jar"), jar));
  }

  @Test
  void aFileOfExcessiveSizeIsRefusedUnread() throws Exception {
    Path sparse = directory.resolve("sparse.jar");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(JarInspection.MAX_FILE + 1);
    }
    assertRefused(sparse, "it has 268435457 bytes; a plugin has at most 268435456");
  }

  @Test
  void garbageAndCutJarsAreRefused() throws Exception {
    zip.add("a", "content");
    byte[] whole = zip.bytes();
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(directory.resolve("cut.jar"), Arrays.copyOf(whole, length));
      assertRefused(cut, "it cannot be read as a jar: it has no end");
    }
    assertRefused(
        Files.writeString(directory.resolve("text.jar"), "no jar at all, but longer than an end"),
        "it cannot be read as a jar: it has no end, so it is cut off or no jar at all");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/../../x",
        "..",
        "a/..",
        "/etc/x",
        "C:/x",
        "c:x",
        "a\\b",
        "..\\x",
        "\\\\h\\x"
      })
  void namesThatLeaveTheFolderAreRefused(String name) throws Exception {
    zip.add(name, "x");
    assertRefused("its entry '" + name + "' would leave the folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "a\nb", "a\u001b[31m", "a\u007f", "a\u0085"})
  void controlCharactersInNamesAreRefusedAndNotRepeated(String name) throws Exception {
    zip.add(name, "x");
    assertThatThrownBy(this::check)
        .hasMessageContaining("has control characters in its name")
        .hasMessageMatching("[\\p{Print}…]+");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a..b/..c/d..", "...", "a/.../b", "META-INF/x$y-z_1.class", "ab:c/ü"})
  void unusualNamesPass(String name) throws Exception {
    zip.add(name, "x");
    check();
  }

  @Test
  void aNameTwiceIsRefused() throws Exception {
    zip.add("a/B.class", "one");
    zip.add("a/b.class", "another");
    zip.add("a/B.class", "two");
    assertRefused("its entry 'a/B.class' is there twice");
  }

  @Test
  void aSecondManifestInAnySpellingIsRefused() throws Exception {
    zip.add("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n");
    zip.add("META-INF/manifest.mf", "Manifest-Version: 1.0\n");
    assertRefused("its entry 'META-INF/manifest.mf' is there twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "META-INF/MANIFEST.MF=4194304",
        "META-INF/S.SF=4194304",
        "META-INF/extensions.idx=1048576",
        "META-INF/services/io.cyphermesh.api.Detector=1048576",
        "reference.conf=1048576",
        "a/B.class=16777216",
        "a/data.bin=67108864"
      })
  void eachKindOfEntryHasItsLimit(String nameAndLimit) throws Exception {
    String name = nameAndLimit.replaceAll("=.*", "");
    int limit = Integer.parseInt(nameAndLimit.replaceAll(".*=", ""));
    byte[] content = new byte[limit + 1];
    zip.add(name, RawZip.deflate(content), content);
    assertRefused("its entry '" + name + "' has " + (limit + 1) + " bytes; at most " + limit);
    zip.entries.clear();
    byte[] largest = new byte[limit];
    zip.add(name, RawZip.deflate(largest), largest);
    check();
  }

  @Test
  void aBombOfTenGigabytesThatSaysSoIsRefusedAtOnce() throws Exception {
    byte[] packed = RawZip.zeros(64);
    for (int i = 0; i < 160; i++) {
      RawZip.Entry entry = zip.add("bomb" + i, packed, new byte[0]);
      entry.size = 64 * 1024 * 1024;
    }
    assertRefusedSoon("its entries have 10737418240 bytes in all");
  }

  @Test
  void aBombOfTenGigabytesThatHidesItIsRefusedAtOnce() throws Exception {
    RawZip.Entry entry = zip.add("bomb.class", RawZip.zeros(10 * 1024), new byte[0]);
    entry.size = 16 * 1024 * 1024;
    assertRefusedSoon("its entry 'bomb.class' is larger than the 16777216 bytes that it says");
  }

  @Test
  void manyEntriesThatShareTheirBytesAreRefusedAtOnce() throws Exception {
    byte[] packed = RawZip.zeros(10);
    RawZip.Entry kernel = zip.add("a", packed, new byte[10 * 1024 * 1024]);
    for (int i = 1; i < 50_000; i++) {
      RawZip.Entry again = zip.add("a" + i, packed, new byte[0]);
      again.localName = "a";
      again.withoutBytes = true;
      again.offset = 0;
      again.size = 1024;
      again.crc = kernel.crc;
    }
    assertRefusedSoon("its entry 'a1' shares its bytes with another entry");
  }

  /** D. Fifield's construction: each entry's content quotes the next entry's header. */
  @Test
  void overlappingEntriesAreRefusedAtOnce() throws Exception {
    byte[] packed = RawZip.zeros(10);
    RawZip inner = new RawZip();
    inner.add("b", packed, new byte[10 * 1024 * 1024]);
    byte[] whole = inner.bytes();
    byte[] quoted = Arrays.copyOf(whole, 31);
    byte[] outer = new byte[5 + 31 + packed.length];
    // A stored block of 31 bytes, then the kernel.
    outer[1] = 31;
    outer[3] = (byte) ~31;
    outer[4] = -1;
    System.arraycopy(quoted, 0, outer, 5, 31);
    System.arraycopy(packed, 0, outer, 36, packed.length);
    byte[] content = new byte[31 + 10 * 1024 * 1024];
    System.arraycopy(quoted, 0, content, 0, 31);
    zip.add("a", outer, content);
    check();
    RawZip.Entry second = zip.add("b", packed, new byte[10 * 1024 * 1024]);
    second.withoutBytes = true;
    second.offset = 30 + 1 + 5;
    assertRefusedSoon("its entry 'b' shares its bytes with another entry");
  }

  @Test
  void sizesAreHeldAgainstTheBytes() throws Exception {
    RawZip.Entry entry = zip.add("a", "content");
    entry.size = 6;
    assertRefused("its entry 'a' is larger than the 6 bytes that it says");
    entry.size = 8;
    assertRefused("its entry 'a' is smaller than the 8 bytes that it says");
    entry.size = 7;
    entry.packed = Arrays.copyOf(entry.packed, entry.packed.length + 3);
    entry.packedSize = entry.packed.length;
    assertRefused("its entry 'a' has bytes behind its end");
    entry.packed = Arrays.copyOf(entry.packed, 4);
    entry.packedSize = 4;
    assertRefused("its entry 'a' is damaged: it ends too early");
    entry.packedSize = 4000;
    assertRefused("its entry 'a' runs into the table of contents");
  }

  @Test
  void aWrongChecksumIsRefused() throws Exception {
    zip.add("a", "content").crc ^= 1;
    assertRefused("its entry 'a' is damaged: its checksum is wrong");
  }

  @Test
  void whatJavaCannotReadIsRefused() throws Exception {
    RawZip.Entry entry = zip.add("a", "content");
    entry.flags = 1;
    assertRefused("its entry 'a' is encrypted");
    entry.flags = 0;
    entry.method = 14;
    assertRefused("its entry 'a' is compressed in a way that Java cannot read");
    entry.method = 0;
    assertRefused("its entry 'a' has two sizes");
  }

  @Test
  void aFolderWithContentIsRefused() throws Exception {
    zip.add("plug/D.class/", "content");
    assertRefused("its entry 'plug/D.class/' is a folder and has bytes of its own");
  }

  @Test
  void anEntryWithTwoNamesIsRefused() throws Exception {
    zip.add("good", "content").localName = "evil";
    assertRefused("its entry 'good' is another one than the table of contents says");
  }

  @Test
  void whatLiesOutsideOfTheArchiveIsRefused() throws Exception {
    RawZip.Entry entry = zip.add("a", "content");
    entry.offset = 70_000;
    assertRefused("its entry 'a' is not where the table of contents says");
    entry.offset = 1;
    assertRefused("its entry 'a' is not where the table of contents says");
    entry.offset = -1;
    byte[] whole = zip.bytes();
    byte[] prefixed = new byte[whole.length + 2];
    prefixed[0] = '#';
    prefixed[1] = '!';
    System.arraycopy(whole, 0, prefixed, 2, whole.length);
    assertRefused(
        Files.write(directory.resolve("script.jar"), prefixed),
        "its table of contents is not where it says");
    assertRefused(
        Files.write(directory.resolve("long.jar"), Arrays.copyOf(whole, whole.length + 30)),
        "there is something behind its end");
  }

  @Test
  void aSecondEndInTheCommentIsRefused() throws Exception {
    zip.add("a", "content");
    RawZip other = new RawZip();
    other.add("b", "evil");
    zip.comment = other.bytes();
    assertRefused("its table of contents is not where it says");
  }

  @Test
  void aTableOfContentsThatWouldExhaustTheMemoryIsRefusedUnread() throws Exception {
    zip.declaredDirectory = 0xffff_fff0L;
    assertRefused("its table of contents has 4294967280 bytes; at most 33554432 are read");
    zip.declaredDirectory = -1;
    zip.declaredEntries = 65_535;
    assertRefused("it is a Zip64 archive; a plugin has at most 65534 entries");
    zip.declaredEntries = 65_534;
    assertRefused("does not have the entries that it says");
    zip.declaredEntries = -1;
    zip.between = new byte[20];
    zip.between[0] = 'P';
    zip.between[1] = 'K';
    zip.between[2] = 6;
    zip.between[3] = 7;
    assertRefused("it is a Zip64 archive");
  }

  @Test
  void aZip64ArchiveOfTheJdkIsRefused() throws Exception {
    Path jar = directory.resolve("many.jar");
    try (ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(jar)))) {
      for (int i = 0; i < 70_000; i++) {
        out.putNextEntry(new ZipEntry(Integer.toString(i)));
        out.closeEntry();
      }
    }
    assertRefused(jar, "it is a Zip64 archive; a plugin has at most 65534 entries");
  }

  @Test
  void asManyEntriesAsThereMayBePass() throws Exception {
    Path jar = directory.resolve("many.jar");
    try (ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(jar)))) {
      for (int i = 0; i < JarInspection.MAX_ENTRIES; i++) {
        out.putNextEntry(new ZipEntry(Integer.toString(i)));
        out.closeEntry();
      }
    }
    JarInspection.check(jar);
  }

  @Test
  void anInterruptDoesNotMakeAJarUnreadable() throws Exception {
    zip.add("a", "content");
    Thread.currentThread().interrupt();
    try {
      check();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  @Timeout(120)
  void mutationsOfARealJarAreReadOrRefused() throws Exception {
    Path jar = directory.resolve("real.jar");
    JarBuilder.plugin(directory, "a")
        .detector("System.out.println(context);")
        .index("plug.D")
        .entry("reference.conf", "enabled = true\n".repeat(50))
        .buildTo(jar);
    byte[] whole = Files.readAllBytes(jar);
    long seed = 20261123;
    SplittableRandom random = new SplittableRandom(seed);
    Path mutated = directory.resolve("mutated.jar");
    int passed = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = mutation(whole, random);
      Files.write(mutated, bytes);
      try {
        JarInspection.check(mutated);
      } catch (PluginRefusedException e) {
        assertThat(e.getMessage()).as("mutation %d of seed %d", i, seed).isNotBlank();
        continue;
      }
      passed++;
      assertThatCode(() -> readByTheJdk(mutated))
          .as("mutation %d of seed %d", i, seed)
          .doesNotThrowAnyException();
    }
    // Dates and attributes of entries may change; hardly anything else.
    assertThat(passed).isBetween(1, 1_500);
  }

  /** What the inspection passes, the JDK reads, but for attributes that only it judges. */
  private static void readByTheJdk(Path jar) throws IOException {
    try {
      PluginJar.read(jar, false, JarStamp.of(jar));
      try (JarFile open = new JarFile(jar.toFile(), false)) {
        for (JarEntry entry : (Iterable<JarEntry>) () -> open.entries().asIterator()) {
          try (InputStream in = open.getInputStream(entry)) {
            assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(entry.getSize());
          }
        }
      }
    } catch (PluginRefusedException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private static byte[] mutation(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(8)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> {
        int at = random.nextInt(bytes.length);
        int length = random.nextInt(Math.min(64, bytes.length - at)) + 1;
        System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length + 1), length);
      }
      case 2 -> {
        int at = random.nextInt(bytes.length);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(16));
        int inserted = longer.length - bytes.length;
        System.arraycopy(bytes, at, longer, at + inserted, bytes.length - at);
        bytes = longer;
      }
      default -> {
        // Most of it in the tables, where the lengths and offsets are.
        int from = random.nextBoolean() ? bytes.length * 2 / 3 : 0;
        List<Integer> values = new ArrayList<>(List.of(0, 1, 0x7f, 0x80, 0xff));
        for (int i = random.nextInt(6); i >= 0; i--) {
          values.add(random.nextInt(256));
          bytes[random.nextInt(from, bytes.length)] =
              values.get(random.nextInt(values.size())).byteValue();
        }
      }
    }
    return bytes;
  }

  private void check() throws IOException, PluginRefusedException {
    JarInspection.check(zip.writeTo(directory.resolve("raw.jar")));
  }

  private void assertRefused(String reason) throws IOException {
    assertRefused(zip.writeTo(directory.resolve("raw.jar")), reason);
  }

  private void assertRefusedSoon(String reason) throws IOException {
    Path jar = zip.writeTo(directory.resolve("raw.jar"));
    assertTimeoutPreemptively(SOON, () -> assertRefused(jar, reason));
  }

  private static void assertRefused(Path jar, String reason) {
    assertThatThrownBy(() -> JarInspection.check(jar))
        .isInstanceOf(PluginRefusedException.class)
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
  }
}
