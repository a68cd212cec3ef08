package io.cyphermesh.core.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signers of test jars: keys and certificates made on the spot, jars signed as jarsigner does. */
final class SignedJars {
  private SignedJars() {}

  /** Somebody who signs. */
  record Signer(String name, KeyPair keys, X509Certificate certificate) {
    static Signer of(String name) throws Exception {
      return of(name, Instant.parse("2036-01-01T00:00:00Z"));
    }

    static Signer of(String name, Instant expires) throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      KeyPair keys = generator.generateKeyPair();
      return new Signer(name, keys, certificate(name, name, keys, keys, expires));
    }

    /** A certificate that this one has issued. */
    Signer issue(String other) throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      KeyPair own = generator.generateKeyPair();
      return new Signer(
          other, own, certificate(other, name, own, keys, Instant.parse("2036-01-01T00:00:00Z")));
    }

    private static X509Certificate certificate(
        String subject, String issuer, KeyPair own, KeyPair by, Instant expires) throws Exception {
      return new JcaX509CertificateConverter()
          .getCertificate(
              new JcaX509v3CertificateBuilder(
                      new X500Name("CN=" + issuer),
                      BigInteger.valueOf(own.getPublic().hashCode()).abs(),
                      Date.from(Instant.parse("2020-01-01T00:00:00Z")),
                      Date.from(expires),
                      new X500Name("CN=" + subject),
                      own.getPublic())
                  .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
    }

    String pem() throws Exception {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    }

    void sign(Path jar, Path signed) throws Exception {
      sign(jar, signed, "SHA-256");
    }

    void sign(Path jar, Path signed, String digest) throws Exception {
      sign(jar, signed, digest, List.of(certificate));
    }

    void sign(Path jar, Path signed, String digest, List<X509Certificate> chain) throws Exception {
      JarSigner signer =
          new JarSigner.Builder(
                  keys.getPrivate(),
                  CertificateFactory.getInstance("X.509").generateCertPath(chain))
              .digestAlgorithm(digest)
              .signerName(name.toUpperCase(java.util.Locale.ROOT))
              .build();
      try (ZipFile in = new ZipFile(jar.toFile());
          OutputStream out = Files.newOutputStream(signed)) {
        signer.sign(in, out);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
