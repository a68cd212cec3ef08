package io.cyphermesh.syslog;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Whose certificates are trusted, and which one is shown, out of PEM files. */
final class TlsFiles {
  private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";
  private static final String END_KEY = "-----END PRIVATE KEY-----";

  private TlsFiles() {}

  /**
   * Makes TLS sockets.
   *
   * @throws IOException if a file cannot be used; the message says why
   */
  static SSLSocketFactory sockets(Settings settings) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      Optional<KeyManagerFactory> own =
          settings.certFile().isBlank()
              ? Optional.empty()
              : Optional.of(own(settings.certFile(), settings.keyFile()));
      Optional<TrustManagerFactory> trust =
          settings.caFile().isBlank() ? Optional.empty() : Optional.of(trust(settings.caFile()));
      context.init(
          own.map(KeyManagerFactory::getKeyManagers).orElse(null),
          trust.map(TrustManagerFactory::getTrustManagers).orElse(null),
          null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static TrustManagerFactory trust(String file)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    int count = 0;
    for (Certificate each : certificates("ca-file", file)) {
      store.setCertificateEntry("ca-" + count++, each);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust;
  }

  private static KeyManagerFactory own(String certFile, String keyFile)
      throws IOException, GeneralSecurityException {
    List<? extends Certificate> chain = certificates("cert-file", certFile);
    PrivateKey key = key(keyFile, chain.getFirst());
    char[] none = new char[0];
    KeyStore store = emptyStore();
    store.setKeyEntry("own", key, none, chain.toArray(Certificate[]::new));
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(store, none);
    return own;
  }

  private static PrivateKey key(String file, Certificate certificate)
      throws IOException, GeneralSecurityException {
    Path path = Path.of(file);
    String text = read("key-file", file);
    if (path.getFileSystem().supportedFileAttributeViews().contains("posix")
        && Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
      throw new IOException("key-file can be read by everybody: chmod 600 " + file);
    }
    int begin = text.indexOf(BEGIN_KEY);
    int end = text.indexOf(END_KEY);
    if (begin < 0 || end < begin) {
      throw new IOException(
          "key-file "
              + file
              + " holds no PKCS #8 key without a password: openssl pkcs8 -topk8 -nocrypt makes one");
    }
    String algorithm = certificate.getPublicKey().getAlgorithm();
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(
              new PKCS8EncodedKeySpec(
                  Base64.getMimeDecoder().decode(text.substring(begin + BEGIN_KEY.length(), end))));
    } catch (InvalidKeySpecException | IllegalArgumentException e) {
      throw new IOException(
          "key-file " + file + " holds no " + algorithm + " key, which cert-file is for", e);
    }
  }

  private static List<? extends Certificate> certificates(String key, String file)
      throws IOException, GeneralSecurityException {
    byte[] pem = read(key, file).getBytes(StandardCharsets.ISO_8859_1);
    List<? extends Certificate> found;
    try {
      found =
          List.copyOf(
              CertificateFactory.getInstance("X.509")
                  .generateCertificates(new ByteArrayInputStream(pem)));
    } catch (CertificateException e) {
      throw new IOException(key + " " + file + " holds no PEM certificates", e);
    }
    if (found.isEmpty()) {
      throw new IOException(key + " " + file + " holds no PEM certificates");
    }
    return found;
  }

  private static String read(String key, String file) throws IOException {
    try {
      return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IOException(key + " " + file + " cannot be read", e);
    }
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }
}
