package io.cyphermesh.core.plugin;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.cert.Certificate;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * Holds a signed jar against the certificates that the operator listed.
 *
 * <p>A signer is his certificate, byte for byte: one that the listed one has issued does not count,
 * nor does any authority. Nor does the time: the operator trusts a certificate from the line that
 * lists it to the one that does not, and a sensor must not go blind on the night on which a
 * certificate expires. Digests and keys that the JDK has disabled for jars ({@code
 * jdk.jar.disabledAlgorithms}) are no signature.
 */
final class JarSignatures {
  private final Set<Certificate> signers;

  JarSignatures(Set<Certificate> signers) {
    this.signers = Set.copyOf(signers);
  }

  /**
   * Returns if each entry is signed by a listed signer and is as he signed it.
   *
   * @param jar checked by {@link JarInspection}, which bounds what is read here
   * @throws PluginRefusedException with the first entry that is not
   */
  void check(Path jar) throws PluginRefusedException {
    File file = jar.toFile();
    // The base version lists all entries by their own names, those of other versions, too.
    try (JarFile open = new JarFile(file, true, ZipFile.OPEN_READ, JarFile.baseVersion())) {
      boolean signed = false;
      for (JarEntry entry : (Iterable<JarEntry>) () -> open.entries().asIterator()) {
        // Folders have no bytes: JarInspection refused those that have.
        if (!entry.isDirectory() && !SigningFiles.isOne(entry.getName())) {
          requireSigned(open, entry);
          signed = true;
        }
      }
      if (!signed) {
        throw new PluginRefusedException("it has no entry that could be signed");
      }
    } catch (IOException | RuntimeException e) {
      // The JDK's readers of signatures have thrown all kinds of things at broken ones.
      throw new PluginRefusedException("its signature cannot be read: " + line(e), e);
    }
  }

  private void requireSigned(JarFile jar, JarEntry entry)
      throws IOException, PluginRefusedException {
    String name = JarInspection.shown(entry.getName());
    try (InputStream in = jar.getInputStream(entry)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (SecurityException e) {
      throw new PluginRefusedException(
          "its entry '" + name + "' is not as it was signed: " + line(e), e);
    }
    // Known only when all of it was read.
    CodeSigner[] by = entry.getCodeSigners();
    if (by == null || by.length == 0) {
      throw new PluginRefusedException(
          "its entry '" + name + "' is not signed in a way that this Java accepts");
    }
    for (CodeSigner signer : by) {
      if (signers.contains(signer.getSignerCertPath().getCertificates().getFirst())) {
        return;
      }
    }
    throw new PluginRefusedException(
        "its entry '" + name + "' is signed by none of plugins.signers");
  }

  private static String line(Exception e) {
    return JarInspection.shown(e.getMessage() == null ? e.toString() : e.getMessage());
  }
}
