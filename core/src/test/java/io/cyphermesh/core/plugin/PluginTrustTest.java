package io.cyphermesh.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cyphermesh.core.plugin.SignedJars.Signer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginTrustTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @TempDir Path directory;

  @Test
  void anyJarIsTrustedWhereNothingElseIsSaid() throws Exception {
    PluginTrust trust = trust("");
    assertThat(trust.mode()).isEqualTo(PluginTrust.Mode.ANY);
    trust.check(directory.resolve("never read"), HASH);
  }

  @Test
  void aPinnedJarIsTrusted() throws Exception {
    PluginTrust trust =
        trust("plugins { trust = pinned, pins = [\"" + HASH.toUpperCase(Locale.ROOT) + "\"] }");
    trust.check(directory.resolve("never read"), HASH);
  }

  @Test
  void aJarThatIsNotPinnedIsToldItsHashAndWhatPinsIt() {
    PluginTrust trust = trust("plugins.trust = pinned");
    assertThatThrownBy(() -> trust.check(directory, HASH))
        .isInstanceOf(PluginRefusedException.class)
        .hasMessage(
            "it is not pinned: if you trust it, run 'cyphermesh plugins install --pin JAR' with it,"
                + " or add \""
                + HASH
                + "\", its SHA-256, to plugins.pins");
  }

  @Test
  void aJarPinnedMeanwhileIsTrusted() throws Exception {
    PluginTrust trust = trust("plugins.trust = pinned");
    PinFile pins = new PinFile(directory);
    pins.add(HASH, "a.jar");
    trust.check(directory, HASH);
    pins.remove(HASH);
    assertThatThrownBy(() -> trust.check(directory, HASH))
        .isInstanceOf(PluginRefusedException.class);
  }

  @Test
  void pinsThatCannotBeReadPinNothing() throws Exception {
    Files.createDirectory(directory.resolve("plugins.pins"));
    PluginTrust trust = trust("plugins.trust = pinned");
    assertThatThrownBy(() -> trust.check(directory, HASH))
        .isInstanceOf(PluginRefusedException.class)
        .hasMessageContaining("the list of pins cannot be used")
        .hasMessageContaining("is no plain file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plugins.trust = some | 'some' is not one of any, pinned, signed",
        "plugins.trust = {} | a section is not one of any, pinned, signed",
        "plugins.trust = [any] | a list is not one of any, pinned, signed",
        "plugins.pins = abc | is no list; right is [ 'abc' ]",
        "plugins.pins = [abc] | 'abc' is no SHA-256; right are the 64 hexadecimal digits",
        "plugins.signers = [gone.pem] | plugins.signers[0] (",
        "plugins.signers = [gone.pem] | there is no file",
        "plugins.signers = [text.pem] | text.pem",
        "plugins.signers = [empty.pem] | empty.pem has no certificate in PEM",
        "plugins.signers = [half.pem] | half.pem is no certificate in PEM",
        "plugins.trust = signed | 'signed' needs plugins.signers",
        "plugins.trsut = pinned | plugins.trsut (",
        "plugins.trsut = pinned | unknown key; did you mean trust?",
        "plugins = 5 | it is a section"
      })
  void wrongSettingsAreToldWithTheirPlace(String settingAndReason) throws Exception {
    Files.writeString(directory.resolve("text.pem"), "hello\n");
    Files.writeString(directory.resolve("empty.pem"), "");
    Files.writeString(directory.resolve("half.pem"), Signer.of("h").pem().substring(0, 200));
    int bar = settingAndReason.indexOf(" | ");
    assertThatThrownBy(() -> trust(settingAndReason.substring(0, bar)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(settingAndReason.substring(bar + 3))
        .hasMessageContaining("test.conf:1");
  }

  @Test
  void settingsOfPluginsAndOfTheRescanAreNotItsBusiness() {
    assertThat(trust("plugins { rescan = 5 s, words.word = x, other = null }").mode())
        .isEqualTo(PluginTrust.Mode.ANY);
  }

  @Test
  void aJarSignedByAListedSignerIsTrusted() throws Exception {
    Signer signer = Signer.of("alice");
    Path signed = directory.resolve("signed.jar");
    signer.sign(plugin(), signed);
    JarInspection.check(signed);
    signed(signer).check(signed, HASH);
  }

  @Test
  void aPemFileMayHoldSeveralSignersAndAJarSeveralSignatures() throws Exception {
    Signer alice = Signer.of("alice");
    Signer bob = Signer.of("bob");
    Signer carol = Signer.of("carol");
    Path once = directory.resolve("once.jar");
    Path twice = directory.resolve("twice.jar");
    carol.sign(plugin(), once);
    bob.sign(once, twice);
    signed(alice, bob).check(twice, HASH);
    signed(carol).check(twice, HASH);
    assertRefused(signed(alice), twice, "is signed by none of plugins.signers");
  }

  @Test
  void aJarWithoutSignatureIsRefused() throws Exception {
    assertRefused(signed(Signer.of("alice")), plugin(), "is not signed in a way that this Java");
  }

  @Test
  void theSignatureOfSomebodyElseIsRefused() throws Exception {
    Signer mallory = Signer.of("alice");
    Path signed = directory.resolve("signed.jar");
    mallory.sign(plugin(), signed);
    assertRefused(signed(Signer.of("alice")), signed, "is signed by none of plugins.signers");
  }

  @Test
  void whoseCertificateAListedOneHasIssuedIsNotListed() throws Exception {
    Signer authority = Signer.of("ca");
    Signer child = authority.issue("child");
    Path signed = directory.resolve("signed.jar");
    child.sign(plugin(), signed, "SHA-256", List.of(child.certificate(), authority.certificate()));
    assertRefused(signed(authority), signed, "is signed by none of plugins.signers");
    signed(child).check(signed, HASH);
  }

  @Test
  void aCertificateIsTrustedUntilTheOperatorDropsItNotUntilItExpires() throws Exception {
    Signer former = Signer.of("former", Instant.parse("2021-01-01T00:00:00Z"));
    Path signed = directory.resolve("signed.jar");
    former.sign(plugin(), signed);
    signed(former).check(signed, HASH);
  }

  @Test
  void aDigestThatTheJdkHasDisabledIsNoSignature() throws Exception {
    Signer signer = Signer.of("alice");
    Path signed = directory.resolve("signed.jar");
    signer.sign(plugin(), signed, "SHA-1");
    assertRefused(signed(signer), signed, "is not signed in a way that this Java accepts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil/Extra.class",
        "META-INF/services/io.cyphermesh.api.Detector2",
        "META-INF/versions/25/plug/D.class",
        "META-INF/deep/X.SF",
        "META-INF/SIG-hidden",
        "META-INF/extensions.idx",
        "X.RSA"
      })
  void anEntryAddedAfterwardsIsRefused(String name) throws Exception {
    Signer signer = Signer.of("alice");
    Path changed =
        changed(signer, entries -> entries.put(name, "evil".getBytes(StandardCharsets.UTF_8)));
    assertRefused(signed(signer), changed, "its entry '" + name + "' is not signed");
  }

  @Test
  void anEntryChangedAfterwardsIsRefused() throws Exception {
    Signer signer = Signer.of("alice");
    for (String name : List.of("plug/D.class", "META-INF/services/io.cyphermesh.api.Detector")) {
      Path changed = changed(signer, entries -> part(entries, name)[0] ^= 1);
      assertRefused(signed(signer), changed, "its entry '" + name + "' is not as it was signed");
    }
  }

  @Test
  void aManifestChangedAfterwardsIsRefused() throws Exception {
    Signer signer = Signer.of("alice");
    Path changed =
        changed(
            signer,
            entries ->
                entries.compute(
                    JarFile.MANIFEST_NAME,
                    (_, bytes) ->
                        new String(bytes, StandardCharsets.UTF_8)
                            .replace("Plugin-Version: 1.0.0", "Plugin-Version: 9.0.0")
                            .getBytes(StandardCharsets.UTF_8)));
    assertRefused(signed(signer), changed, "");
  }

  @Test
  void aJarWhoseSignatureWasTakenOutIsRefused() throws Exception {
    Signer signer = Signer.of("alice");
    for (String part : List.of("META-INF/ALICE.SF", "META-INF/ALICE.EC")) {
      assertRefused(signed(signer), changed(signer, entries -> entries.remove(part)), "not signed");
    }
    Path bare = changed(signer, entries -> entries.remove(JarFile.MANIFEST_NAME));
    assertRefused(signed(signer), bare, "");
  }

  /** Some bytes of a block are signed by nothing; the entries are, whatever these bytes are. */
  @Test
  void aBrokenSignatureIsRefusedOrStillHolds() throws Exception {
    Signer signer = Signer.of("alice");
    PluginTrust trust = signed(signer);
    long seed = 25;
    SplittableRandom random = new SplittableRandom(seed);
    List<String> parts = List.of("META-INF/ALICE.EC", "META-INF/ALICE.SF", JarFile.MANIFEST_NAME);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      String part = parts.get(random.nextInt(parts.size()));
      Path changed =
          changed(
              signer,
              entries -> {
                byte[] bytes = part(entries, part);
                bytes[random.nextInt(bytes.length)] ^= (byte) random.nextInt(1, 256);
              });
      try {
        trust.check(changed, HASH);
      } catch (PluginRefusedException e) {
        assertThat(e.getMessage()).as("change %d of seed %d", i, seed).isNotBlank();
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(200);
    Path forged =
        changed(
            signer,
            entries -> {
              // At the end is the signature's own value.
              byte[] block = part(entries, "META-INF/ALICE.EC");
              block[block.length - 1] ^= 1;
            });
    assertRefused(trust, forged, "");
  }

  @Test
  void aJarWithoutEntriesIsRefused() throws Exception {
    Path empty = directory.resolve("empty.jar");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(empty))) {
      out.putNextEntry(new ZipEntry(JarFile.MANIFEST_NAME));
      out.write("Manifest-Version: 1.0\n\n".getBytes(StandardCharsets.UTF_8));
    }
    assertRefused(signed(Signer.of("alice")), empty, "no entry that could be signed");
  }

  private Path plugin() throws IOException {
    Path jar = directory.resolve("plugin.jar");
    JarBuilder.plugin(directory, "a").detector("").buildTo(jar);
    return jar;
  }

  /** A signed jar with something done to it afterwards. */
  private Path changed(Signer signer, Consumer<Map<String, byte[]>> change) throws Exception {
    Path signed = directory.resolve("signed.jar");
    if (!Files.exists(signed)) {
      signer.sign(plugin(), signed);
    }
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(signed.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    change.accept(entries);
    Path changed = directory.resolve("changed.jar");
    try (OutputStream file = Files.newOutputStream(changed);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
    return changed;
  }

  private static byte[] part(Map<String, byte[]> entries, String name) {
    return Objects.requireNonNull(entries.get(name), name);
  }

  private PluginTrust signed(Signer... signers) throws Exception {
    StringBuilder pem = new StringBuilder("Text before the first one is fine.\n");
    for (Signer signer : signers) {
      pem.append(signer.pem());
    }
    Files.writeString(directory.resolve("signers.pem"), pem);
    return trust("plugins { trust = signed, signers = [signers.pem] }");
  }

  private PluginTrust trust(String settings) {
    try {
      Path file = Files.writeString(directory.resolve("test.conf"), settings);
      return PluginTrust.of(ConfigFactory.parseFile(file.toFile()), directory);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assertRefused(PluginTrust trust, Path jar, String reason) {
    assertThatThrownBy(() -> trust.check(jar, HASH))
        .isInstanceOf(PluginRefusedException.class)
        .hasMessageContaining(reason);
  }
}
