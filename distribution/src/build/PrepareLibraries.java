import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes jars fit for the AOT cache, which takes neither a class of a signed jar nor one whose format is older
 * than Java 6. The content stays: signature files are left out, which OpenJDK asks of no provider and whose check
 * costs each start 0.3 s, and old classes get the type tables that newer ones have.
 *
 * <p>Usage: {@code java PrepareLibraries.java TIMESTAMP FROM-FOLDER TO-FOLDER}
 */
final class PrepareLibraries {
  private static final int OLDEST_CACHED = ClassFile.JAVA_6_VERSION;
  private static final ClassFileVersion RENEWED =
      ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0);

  private PrepareLibraries() {}

  public static void main(String[] arguments) throws IOException {
    Instant time = Instant.parse(arguments[0]);
    Path to = Files.createDirectories(Path.of(arguments[2]));
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(arguments[1]), "*.jar")) {
      for (Path jar : jars) {
        prepare(jar, to.resolve(jar.getFileName()), time);
      }
    }
  }

  private static void prepare(Path from, Path to, Instant time) throws IOException {
    try (JarFile jar = new JarFile(from.toFile(), false);
        ZipOutputStream out =
            new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(to)))) {
      ClassFile classes =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(
                          type -> read(jar, type))
                      .orElse(ClassHierarchyResolver.defaultResolver())
                      ));
      TreeSet<String> names = new TreeSet<>();
      jar.stream().map(ZipEntry::getName).filter(name -> !isSignature(name)).forEach(names::add);
      // The manifest comes first: tools that read a jar as a stream expect it there.
      names.remove(JarFile.MANIFEST_NAME);
      write(out, JarFile.MANIFEST_NAME, jar, classes, time);
      for (String name : names) {
        write(out, name, jar, classes, time);
      }
    }
  }

  private static void write(
      ZipOutputStream out, String name, JarFile jar, ClassFile classes, Instant time)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(time.atOffset(ZoneOffset.UTC).toLocalDateTime());
    out.putNextEntry(entry);
    byte[] content = jar.getInputStream(jar.getEntry(name)).readAllBytes();
    out.write(name.endsWith(".class") ? renewed(name, content, classes) : content);
    out.closeEntry();
  }

  private static byte[] renewed(String name, byte[] content, ClassFile classes) {
    ClassModel old = classes.parse(content);
    if (old.majorVersion() >= OLDEST_CACHED) {
      return content;
    }
    byte[] renewed =
        classes.transformClass(
            old,
            ClassTransform.transformingMethodBodies(CodeBuilder::with)
                .andThen(
                    (builder, element) ->
                        builder.with(
                            element instanceof ClassFileVersion ? RENEWED : element)));
    List<VerifyError> errors = classes.verify(renewed);
    if (!errors.isEmpty()) {
      throw new IllegalStateException(name + ": " + errors.getFirst().getMessage());
    }
    return renewed;
  }

  private static boolean isSignature(String name) {
    return name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
  }

  /** A class of the jar itself; null for one of the JDK. */
  private static InputStream read(JarFile jar, ClassDesc type) {
    String descriptor = type.descriptorString();
    ZipEntry entry = jar.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
