package io.cyphermesh.core.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cyphermesh.api.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
  private static final byte[] PAYLOAD = "what is signed".getBytes(US_ASCII);

  @TempDir Path temporary;
  private Path keys;

  @BeforeEach
  void nameTheDirectory() {
    keys = temporary.resolve("keys");
  }

  private NodeIdentity open(String... passphrase) throws IOException {
    return NodeIdentity.open(
        keys,
        passphrase.length == 0 ? Optional.empty() : Optional.of(passphrase[0]),
        Rsa.portable());
  }

  private NodeId id(String... passphrase) throws IOException {
    return open(passphrase).nodeId();
  }

  private String modeOf(String file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve(file)));
  }

  private void refused(String message, String... passphrase) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open(passphrase))
        .withMessageContaining(message)
        .withMessageContaining(keys.toString())
        .withMessageMatching("[^\\r\\n]+");
  }

  @Test
  void theFirstStartMakesAKeyThatOnlyItsOwnerReads() throws IOException {
    id();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
        .isEqualTo("rwx------");
    assertThat(modeOf("private_key.pem")).isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(keys)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("private_key.pem", "public_key.pem", "certificate.pem");
    }
  }

  @Test
  void theSecondStartIsTheSameNode() throws IOException {
    NodeIdentity first = open();
    assertThat(id()).isEqualTo(first.nodeId());
    assertThat(Files.readString(keys.resolve("public_key.pem"))).isEqualTo(first.key().pem());
  }

  @Test
  void aKeyThatOthersCouldReadIsClosedToThem() throws IOException {
    id();
    Files.setPosixFilePermissions(
        keys.resolve("private_key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwxr-xr-x"));
    id();
    assertThat(modeOf("private_key.pem")).isEqualTo("rw-------");
    assertThat(modeOf("")).isEqualTo("rwx------");
  }

  @Test
  void withAPassphraseTheFileIsEncryptedAndOpensAgain() throws IOException {
    NodeId id = id("correct horse");
    assertThat(Files.readString(keys.resolve("private_key.pem")))
        .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    assertThat(id("correct horse")).isEqualTo(id);
  }

  @Test
  void aWrongPassphraseIsToldInOneLine() throws IOException {
    id("correct horse");
    refused("CYPHER_KEY_PASSPHRASE does not open", "battery staple");
  }

  @Test
  void aMissingPassphraseIsToldInOneLine() throws IOException {
    id("correct horse");
    refused("is encrypted: set CYPHER_KEY_PASSPHRASE");
    refused("is encrypted: set CYPHER_KEY_PASSPHRASE", "");
  }

  @Test
  void aKeyInTheClearIsEncryptedWhereThereIsAPassphrase() throws IOException {
    NodeId id = id();
    assertThat(id("correct horse")).isEqualTo(id);
    assertThat(Files.readString(keys.resolve("private_key.pem"))).contains("ENCRYPTED");
    assertThat(modeOf("private_key.pem")).isEqualTo("rw-------");
  }

  @Test
  void aLostPrivateKeyIsNotReplacedBehindTheOperatorsBack() throws IOException {
    id();
    Files.delete(keys.resolve("private_key.pem"));
    refused("is missing");
  }

  @Test
  void damagedPrivateKeysAreToldWithTheirFile() throws IOException {
    id();
    Path file = keys.resolve("private_key.pem");
    String whole = Files.readString(file);
    for (String damaged :
        new String[] {
          "",
          "no PEM at all",
          whole.substring(0, whole.length() / 2),
          whole.replace('A', '*'),
          "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
          whole.replace("PRIVATE KEY", "RSA PRIVATE KEY")
        }) {
      Files.writeString(file, damaged);
      refused("private_key.pem", "a passphrase");
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    refused("private_key.pem");
  }

  @Test
  void aKeyOfAnotherKindIsRefused() throws Exception {
    Files.createDirectories(keys);
    KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
    small.initialize(1024);
    KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
    curve.initialize(256);
    for (KeyPairGenerator generator : new KeyPairGenerator[] {small, curve}) {
      Files.writeString(
          keys.resolve("private_key.pem"),
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder()
                  .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
              + "\n-----END PRIVATE KEY-----\n");
      refused("RSA");
    }
  }

  @Test
  void aDamagedOrForeignCertificateIsMadeAgain() throws IOException {
    NodeId id = id();
    Path file = keys.resolve("certificate.pem");
    String whole = Files.readString(file);
    Path other = temporary.resolve("other");
    NodeIdentity.open(other, Optional.empty(), Rsa.portable());
    for (String odd :
        new String[] {
          "", "garbage", whole.replace('A', '*'), Files.readString(other.resolve("certificate.pem"))
        }) {
      Files.writeString(file, odd);
      assertThat(id()).isEqualTo(id);
      assertThat(Files.readString(file))
          .startsWith("-----BEGIN CERTIFICATE-----")
          .isNotEqualTo(odd);
    }
    Files.delete(file);
    assertThat(id()).isEqualTo(id);
    assertThat(file).exists();
  }

  @Test
  void aDamagedPublicKeyIsMadeAgain() throws IOException {
    NodeIdentity identity = open();
    Path file = keys.resolve("public_key.pem");
    Files.write(file, new byte[] {(byte) 0xff, 0});
    assertThat(id()).isEqualTo(identity.nodeId());
    assertThat(Files.readString(file)).isEqualTo(identity.key().pem());
  }

  @Test
  void whatACrashLeftBehindDoesNotMatter() throws IOException {
    NodeId id = id();
    Files.writeString(keys.resolve("private_key.pem.new"), "half");
    assertThat(id("correct horse")).isEqualTo(id);
    assertThat(keys.resolve("private_key.pem.new")).doesNotExist();
  }

  @Test
  void theProvidersVerifyEachOthersSignatures() throws IOException {
    open();
    Rsa[] both = {Rsa.portable(), Rsa.fastest()};
    for (Rsa signer : both) {
      NodeIdentity identity = NodeIdentity.open(keys, Optional.empty(), signer);
      byte[] signature = identity.sign(PAYLOAD);
      for (Rsa verifier : both) {
        assertThat(verifier.verifies(identity.key(), PAYLOAD, signature)).isTrue();
        assertThat(verifier.verifies(identity.key(), new byte[] {1}, signature)).isFalse();
      }
    }
  }

  @Test
  void oddSignaturesAndKeysAreWrongAndNoFault() throws IOException {
    NodeIdentity identity = open();
    byte[] ones = new byte[294];
    Arrays.fill(ones, (byte) 0xff);
    byte[] der = identity.key().der();
    System.arraycopy(ones, 0, der, 33, 256);
    ReporterKey oddKey = ReporterKey.ofDer(der).orElseThrow();
    for (Rsa rsa : new Rsa[] {Rsa.portable(), Rsa.fastest()}) {
      for (int length : new int[] {0, 1, 255, 256, 257, 512}) {
        assertThat(rsa.verifies(identity.key(), PAYLOAD, new byte[length])).isFalse();
        assertThat(rsa.verifies(oddKey, PAYLOAD, new byte[length])).isFalse();
      }
    }
  }

  @Test
  void aKeyHasOneTextOnly() throws IOException {
    ReporterKey key = open().key();
    assertThat(ReporterKey.ofPem(key.pem())).contains(key);
    assertThat(ReporterKey.ofDer(key.der())).contains(key);
    assertThat(key.pem()).hasSize(ReporterKey.PEM_CHARS);
    assertThat(ReporterKey.ofPem(key.pem().replace("\n", "\r\n"))).isEmpty();
    assertThat(ReporterKey.ofPem(key.pem() + "\n")).isEmpty();
  }
}
