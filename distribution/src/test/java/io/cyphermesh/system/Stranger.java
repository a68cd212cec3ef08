package io.cyphermesh.system;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Somebody else's node, or somebody who plays one: written by hand from the protocol's description,
 * so that it agrees with nothing but that.
 */
final class Stranger {
  private static final String NO_DETAILS = "";

  private final KeyPair keys;

  Stranger(KeyPair keys) {
    this.keys = keys;
  }

  /** With a fresh key of the right shape. */
  static Stranger fresh() throws GeneralSecurityException {
    return ofBits(2048);
  }

  static Stranger ofBits(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return new Stranger(generator.generateKeyPair());
  }

  /**
   * With a key of 16384 bits, the largest that Java takes. It is no pair, and so needs neither
   * minutes to be made nor seconds to sign: whoever judges a key by its shape never finds out.
   */
  static Stranger withGiantKey() throws GeneralSecurityException {
    BigInteger modulus = new BigInteger(16_384, new SecureRandom()).setBit(16_383).setBit(0);
    KeyFactory factory = KeyFactory.getInstance("RSA");
    return new Stranger(
        new KeyPair(
            factory.generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65_537))),
            factory.generatePrivate(new RSAPrivateKeySpec(modulus, BigInteger.valueOf(3)))));
  }

  String nodeId() throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded()));
  }

  private String pem() {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  /** An event that it reports, signed by it. */
  String event(String source) throws GeneralSecurityException {
    return event(source, keys, Instant.now());
  }

  /** An event in its name that somebody else signed. */
  String forgedBy(Stranger forger, String source) throws GeneralSecurityException {
    return event(source, forger.keys, Instant.now());
  }

  private String event(String source, KeyPair signer, Instant at) throws GeneralSecurityException {
    // PEM text has no character that JSON escapes but its line ends.
    String key = pem().replace("\n", "\\n");
    String timestamp = at.truncatedTo(ChronoUnit.MILLIS).toString();
    if (timestamp.length() == 20) {
      timestamp = timestamp.replace("Z", ".000Z");
    }
    String fields =
        "\"reporter_pubkey\": \""
            + key
            + "\", \"severity\": \"high\", %s\"source_ip\": \""
            + source
            + "\", \"threat_type\": \"ssh-bruteforce\", \"timestamp\": \""
            + timestamp
            + "\"}";
    String content = "{" + fields.formatted(NO_DETAILS);
    String id =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(content.getBytes(StandardCharsets.US_ASCII)));
    String payload = "{\"id\": \"" + id + "\", " + fields.formatted(NO_DETAILS);
    Signature signature = Signature.getInstance("RSASSA-PSS");
    signature.setParameter(
        new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 222, 1));
    signature.initSign(signer.getPrivate());
    signature.update(payload.getBytes(StandardCharsets.US_ASCII));
    String text = Base64.getEncoder().encodeToString(signature.sign());
    return "{\"id\": \"" + id + "\", " + fields.formatted("\"signature\": \"" + text + "\", ");
  }

  /** Connects and shakes hands; says nothing yet. */
  Line connect(int port) throws IOException, GeneralSecurityException {
    return connect(port, "127.0.0.1");
  }

  /**
   * As {@link #connect(int)}, from another address of this machine.
   *
   * @param from a loopback address, such as 127.3.0.1
   */
  Line connect(int port, String from) throws IOException, GeneralSecurityException {
    return shakeHands(port, from, new KeyManager[] {new OneKey(keys, certificate())}, "TLSv1.3");
  }

  /** Connects as {@code protocol} wants it, and without a certificate of its own. */
  static Line connectAnonymously(int port, String protocol)
      throws IOException, GeneralSecurityException {
    return shakeHands(port, "127.0.0.1", new KeyManager[0], protocol);
  }

  private static Line shakeHands(int port, String from, KeyManager[] mine, String protocol)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(mine, new TrustManager[] {new Everybody()}, null);
    Socket raw = new Socket();
    boolean done = false;
    try {
      raw.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
      raw.setSoTimeout(10_000);
      SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(raw, "node.invalid", port, true);
      tls.setEnabledProtocols(new String[] {protocol});
      tls.startHandshake();
      Line line = new Line(tls);
      done = true;
      return line;
    } finally {
      if (!done) {
        raw.close();
      }
    }
  }

  private X509Certificate certificate() throws GeneralSecurityException {
    try {
      X500Name name = new X500Name("CN=stranger");
      return new JcaX509CertificateConverter()
          .getCertificate(
              new JcaX509v3CertificateBuilder(
                      name,
                      BigInteger.ONE,
                      Date.from(Instant.EPOCH),
                      Date.from(Instant.now().plus(Duration.ofDays(1))),
                      name,
                      keys.getPublic())
                  .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  /** Frames in both directions. */
  static final class Line implements AutoCloseable {
    private final SSLSocket socket;
    private final DataInputStream in;

    private Line(SSLSocket socket) throws IOException {
      this.socket = socket;
      this.in = new DataInputStream(socket.getInputStream());
    }

    /** The HELLO of version 2. */
    Line hello() throws IOException {
      return frame(
          "HELLO",
          "{\"v\": 2, \"net\": \"cyphermesh\", \"listen\": 9, \"agent\": \"stranger/1\","
              + " \"caps\": []}");
    }

    Line frame(String type, String payload) throws IOException {
      return frame(
          ("{\"type\": \""
                  + type
                  + "\", \"id\": \""
                  + UUID.randomUUID()
                  + "\", \"payload\": "
                  + payload
                  + ", \"timestamp\": \""
                  + Instant.now()
                  + "\"}")
              .getBytes(StandardCharsets.UTF_8));
    }

    Line frame(byte[] content) throws IOException {
      return bytes(
          ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).array());
    }

    Line bytes(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    }

    /** Waits for an answer, so that all that was sent is known to be read. */
    Line roundTrip(long number) throws IOException {
      frame("ping", "{\"n\": " + number + "}");
      while (true) {
        JsonObject frame = read().orElseThrow(() -> new EOFException("closed before the pong"));
        if (frame.get("type").getAsString().equals("pong")
            && frame.getAsJsonObject("payload").get("n").getAsLong() == number) {
          return this;
        }
      }
    }

    /** The next frame of a type. */
    JsonObject await(String type) throws IOException {
      while (true) {
        JsonObject frame =
            read().orElseThrow(() -> new EOFException("closed before a frame of " + type));
        if (frame.get("type").getAsString().equals(type)) {
          return frame;
        }
      }
    }

    /** The next frame; empty once the node has closed the link. */
    Optional<JsonObject> read() throws IOException {
      try {
        byte[] content = new byte[in.readInt()];
        in.readFully(content);
        return Optional.of(
            JsonParser.parseString(new String(content, StandardCharsets.UTF_8)).getAsJsonObject());
      } catch (EOFException | SocketException | SSLException e) {
        return Optional.empty();
      }
    }

    /** Whether the node closes the link within {@code patience}, whatever it says before that. */
    boolean isClosedWithin(Duration patience) throws IOException {
      socket.setSoTimeout((int) patience.toMillis());
      long end = System.nanoTime() + patience.toNanos();
      while (System.nanoTime() - end < 0) {
        try {
          if (read().isEmpty()) {
            return true;
          }
        } catch (java.net.SocketTimeoutException e) {
          return false;
        }
      }
      return false;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Looks at nobody's certificate. */
  private static final class Everybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static final class OneKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "stranger";
    private final KeyPair keys;
    private final X509Certificate certificate;

    OneKey(KeyPair keys, X509Certificate certificate) {
      this.keys = keys;
      this.certificate = certificate;
    }

    @Override
    public String[] getClientAliases(String type, java.security.Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseClientAlias(
        String[] types, java.security.Principal @Nullable [] issuers, @Nullable Socket socket) {
      return ALIAS;
    }

    @Override
    public String[] getServerAliases(String type, java.security.Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseServerAlias(
        String type, java.security.Principal @Nullable [] issuers, @Nullable Socket socket) {
      return ALIAS;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public java.security.PrivateKey getPrivateKey(String alias) {
      return keys.getPrivate();
    }
  }
}
