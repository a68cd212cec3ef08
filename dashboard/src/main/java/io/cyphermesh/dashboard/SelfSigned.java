package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.access.PrivateFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that the node makes for its dashboard, and keeps, so that who has trusted it once
 * need not do so again. Its key is its own, and not the node's.
 *
 * @param certificate PEM
 * @param key PEM, PKCS #8
 */
record SelfSigned(Path certificate, Path key) {
  /** Browsers refuse longer ones of an authority, and some of anybody. */
  private static final Duration LIFE = Duration.ofDays(397);

  private static final Duration RENEWED_BEFORE = Duration.ofDays(30);
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /** The names and addresses under which browsers may come. */
  static Set<String> names(DashboardSettings settings) {
    Set<String> names = new TreeSet<>(List.of("localhost", "127.0.0.1", "::1"));
    String listen = settings.listen().host();
    if (!listen.equals("0.0.0.0") && !listen.equals("::")) {
      names.add(listen);
    }
    names.addAll(settings.allowedHosts());
    try {
      names.add(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      // Nobody finds it by that name then.
    }
    return names;
  }

  /**
   * The one in a folder, made anew where there is none, it runs out, or it lacks a name.
   *
   * @throws IOException if it can be neither read nor written
   */
  static SelfSigned in(Path folder, Set<String> names, Instant now) throws IOException {
    SelfSigned files = new SelfSigned(folder.resolve("cert.pem"), folder.resolve("key.pem"));
    if (!files.serves(names, now)) {
      Files.createDirectories(folder);
      files.make(names, now);
    }
    return files;
  }

  private boolean serves(Set<String> names, Instant now) {
    if (!Files.exists(certificate) || !Files.exists(key)) {
      return false;
    }
    try {
      X509Certificate known =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)));
      Set<String> said = new TreeSet<>();
      for (List<?> name :
          Objects.requireNonNullElse(known.getSubjectAlternativeNames(), List.<List<?>>of())) {
        said.add(normal(String.valueOf(name.get(1))));
      }
      return known.getNotAfter().toInstant().isAfter(now.plus(RENEWED_BEFORE))
          && names.stream().map(SelfSigned::normal).allMatch(said::contains);
    } catch (IOException | GeneralSecurityException e) {
      return false;
    }
  }

  /** The same address has more than one text. */
  private static String normal(String name) {
    if (!ADDRESS.matcher(name).matches()) {
      return name;
    }
    try {
      return InetAddress.getByName(name).getHostAddress();
    } catch (UnknownHostException e) {
      return name;
    }
  }

  private void make(Set<String> names, Instant now) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      List<GeneralName> alternatives = new ArrayList<>();
      for (String name : names) {
        alternatives.add(
            new GeneralName(
                ADDRESS.matcher(name).matches() ? GeneralName.iPAddress : GeneralName.dNSName,
                name));
      }
      X500Name subject = new X500Name("CN=CypherMesh dashboard");
      var builder =
          new JcaX509v3CertificateBuilder(
                  subject,
                  new BigInteger(127, new SecureRandom()).setBit(126),
                  Date.from(now.minus(Duration.ofHours(1))),
                  Date.from(now.plus(LIFE)),
                  subject,
                  pair.getPublic())
              .addExtension(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(alternatives.toArray(GeneralName[]::new)))
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      byte[] signed =
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
              .getEncoded();
      PrivateFile.write(key, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
      PrivateFile.write(certificate, pem("CERTIFICATE", signed));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("dashboard.tls: no certificate can be made: " + e.getMessage(), e);
    }
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }
}
