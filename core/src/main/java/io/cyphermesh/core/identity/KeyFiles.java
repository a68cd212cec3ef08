package io.cyphermesh.core.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * The key pair's files: {@code private_key.pem} (PKCS#8, encrypted where there is a passphrase),
 * {@code public_key.pem} and {@code certificate.pem}. Only the first one matters; the others are
 * made again when they are missing or do not fit it.
 */
final class KeyFiles {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final String PLAIN = "PRIVATE KEY";
  private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";

  private final Path directory;
  private final Path privateFile;
  private final Path publicFile;
  private final Path certificateFile;
  private final Optional<String> passphrase;
  private final Rsa rsa;

  KeyFiles(Path directory, Optional<String> passphrase, Rsa rsa) {
    this.directory = directory;
    this.privateFile = directory.resolve("private_key.pem");
    this.publicFile = directory.resolve("public_key.pem");
    this.certificateFile = directory.resolve("certificate.pem");
    this.passphrase = passphrase.filter(p -> !p.isEmpty());
    this.rsa = rsa;
  }

  NodeIdentity open() throws IOException {
    Files.createDirectories(directory);
    restrict(directory, PosixFilePermissions.fromString("rwx------"));
    try {
      PrivateKey privateKey = Files.exists(privateFile) ? read() : create();
      ReporterKey key = publicHalf(privateKey);
      byte[] publicPem = key.pem().getBytes(StandardCharsets.US_ASCII);
      if (!Files.exists(publicFile) || !Arrays.equals(Files.readAllBytes(publicFile), publicPem)) {
        write(publicFile, key.pem());
      }
      return new NodeIdentity(rsa, key, privateKey, certificate(key, privateKey));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot use the key in " + privateFile + ": " + e.getMessage(), e);
    }
  }

  private PrivateKey create()
      throws IOException, GeneralSecurityException, OperatorCreationException {
    if (Files.exists(publicFile)) {
      throw new IOException(
          privateFile
              + " is missing, but "
              + publicFile
              + " is there: put the private key back, or remove the public one to become a new"
              + " node");
    }
    KeyPair pair = rsa.generate();
    store(pair.getPrivate());
    return pair.getPrivate();
  }

  private void store(PrivateKey key)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    PemObject pem;
    if (passphrase.isPresent()) {
      JceOpenSSLPKCS8EncryptorBuilder encryptor =
          new JceOpenSSLPKCS8EncryptorBuilder(
                  org.bouncycastle.asn1.nist.NISTObjectIdentifiers.id_aes256_CBC)
              .setProvider(new BouncyCastleProvider())
              .setPRF(org.bouncycastle.openssl.PKCS8Generator.PRF_HMACSHA256)
              .setIterationCount(600_000)
              .setPassword(passphrase.get().toCharArray());
      pem = new JcaPKCS8Generator(key, encryptor.build()).generate();
    } else {
      pem = new PemObject(PLAIN, key.getEncoded());
    }
    write(privateFile, text(pem));
  }

  private PrivateKey read()
      throws IOException, GeneralSecurityException, OperatorCreationException {
    restrict(privateFile, OWNER_ONLY);
    PemObject pem =
        pem(privateFile)
            .orElseThrow(
                () ->
                    new IOException(
                        privateFile
                            + " holds no whole PEM: restore it from a backup, or remove "
                            + directory
                            + " to become a new node"));
    return switch (pem.getType()) {
      case PLAIN -> {
        PrivateKey key = decode(pem.getContent());
        if (passphrase.isPresent()) {
          store(key);
        }
        yield key;
      }
      case ENCRYPTED -> decode(decrypt(pem.getContent()));
      default ->
          throw new IOException(
              privateFile + " holds a " + pem.getType() + ", not a PKCS#8 PRIVATE KEY");
    };
  }

  /** The first PEM object in {@code file}; empty where there is none, or it is damaged. */
  private static Optional<PemObject> pem(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    try (PemReader reader = new PemReader(new StringReader(text))) {
      return Optional.ofNullable(reader.readPemObject());
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private byte[] decrypt(byte[] content) throws IOException, OperatorCreationException {
    String phrase =
        passphrase.orElseThrow(
            () -> new IOException(privateFile + " is encrypted: set CYPHER_KEY_PASSPHRASE"));
    PKCS8EncryptedPrivateKeyInfo encrypted;
    try {
      encrypted = new PKCS8EncryptedPrivateKeyInfo(content);
    } catch (IOException e) {
      throw new IOException(privateFile + " is damaged: restore it from a backup", e);
    }
    try {
      return encrypted
          .decryptPrivateKeyInfo(
              new JceOpenSSLPKCS8DecryptorProviderBuilder()
                  .setProvider(new BouncyCastleProvider())
                  .build(phrase.toCharArray()))
          .getEncoded();
    } catch (PKCSException e) {
      throw new IOException("CYPHER_KEY_PASSPHRASE does not open " + privateFile, e);
    }
  }

  private PrivateKey decode(byte[] pkcs8) throws IOException {
    try {
      return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException e) {
      throw new IOException(privateFile + " holds no RSA key: " + e.getMessage(), e);
    }
  }

  private ReporterKey publicHalf(PrivateKey privateKey)
      throws IOException, GeneralSecurityException {
    if (!(privateKey instanceof RSAPrivateCrtKey crt)
        || !crt.getPublicExponent().equals(BigInteger.valueOf(65537))
        || crt.getModulus().bitLength() != 2048) {
      throw new IOException(
          privateFile + " holds no RSA-2048 key with exponent 65537, which the network asks for");
    }
    byte[] der =
        KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(crt.getModulus(), crt.getPublicExponent()))
            .getEncoded();
    return ReporterKey.ofDer(der)
        .orElseThrow(() -> new IOException(privateFile + " holds an odd key"));
  }

  private X509Certificate certificate(ReporterKey key, PrivateKey privateKey)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    if (Files.exists(certificateFile)) {
      try {
        Optional<PemObject> pem = pem(certificateFile);
        if (pem.isPresent()
            && factory.generateCertificate(new ByteArrayInputStream(pem.get().getContent()))
                instanceof X509Certificate found
            && Arrays.equals(found.getPublicKey().getEncoded(), key.der())) {
          return found;
        }
      } catch (GeneralSecurityException e) {
        // A damaged certificate holds nothing of worth: it is made anew below.
      }
    }
    X500Name name = new X500Name("CN=" + key.nodeId().hex());
    byte[] der =
        new X509v3CertificateBuilder(
                name,
                new BigInteger(1, Arrays.copyOf(Canonical.sha256(key.der()), 16)),
                Date.from(Instant.EPOCH),
                Date.from(Instant.parse("9999-12-31T23:59:59Z")),
                name,
                SubjectPublicKeyInfo.getInstance(key.der()))
            .build(new JcaContentSignerBuilder("SHA256withRSA").build(privateKey))
            .getEncoded();
    write(certificateFile, text(new PemObject("CERTIFICATE", der)));
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
  }

  private static String text(PemObject pem) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(pem);
    }
    return text.toString();
  }

  /** Whole or not at all, and never readable for others, not even for a moment. */
  private void write(Path file, String text) throws IOException {
    Path fresh = directory.resolve(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        posix()
            ? FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))
            : FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void restrict(Path path, Set<PosixFilePermission> permissions) throws IOException {
    if (posix() && !Files.getPosixFilePermissions(path).equals(permissions)) {
      Files.setPosixFilePermissions(path, permissions);
    }
  }

  private boolean posix() {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
