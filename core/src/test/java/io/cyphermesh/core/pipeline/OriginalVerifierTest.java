package io.cyphermesh.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.core.identity.OriginalKeys;
import io.cyphermesh.core.protocol.OriginalEvent;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Python library of original nodes takes must not cost the one who relayed it. */
class OriginalVerifierTest {
  private static final byte[] PAYLOAD = "payload".getBytes(StandardCharsets.US_ASCII);

  private static KeyPair small;
  private static byte[] signature;

  private final OriginalVerifier verifier = new OriginalVerifier(new OriginalKeys());

  @BeforeAll
  static void sign() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    small = generator.generateKeyPair();
    signature = signed(PAYLOAD);
  }

  private static byte[] signed(byte[] payload) throws GeneralSecurityException {
    Signature signer = Signature.getInstance("RSASSA-PSS");
    signer.setParameter(
        new PSSParameterSpec(
            "SHA-256",
            "MGF1",
            MGF1ParameterSpec.SHA256,
            128 - 34,
            PSSParameterSpec.TRAILER_FIELD_BC));
    signer.initSign(small.getPrivate());
    signer.update(payload);
    return signer.sign();
  }

  private static String pem(byte[] der) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static String pem(BigInteger modulus, BigInteger exponent) throws Exception {
    return pem(
        new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                new org.bouncycastle.asn1.pkcs.RSAPublicKey(modulus, exponent))
            .getEncoded());
  }

  private static String pem() {
    return pem(small.getPublic().getEncoded());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private boolean accepts(String pem, String signature) {
    return verifier.accepts(new OriginalEvent(pem, signature, PAYLOAD));
  }

  @Test
  void aRightSignatureOfAnotherKeySizeIsTakenAndAWrongOneIsNot() {
    assertThat(accepts(pem(), base64(signature))).isTrue();
    byte[] wrong = signature.clone();
    wrong[50] ^= 1;
    assertThat(accepts(pem(), base64(wrong))).isFalse();
  }

  @Test
  void paddingThatCompletesNoGroupIsPassedOver() {
    String text = base64(signature);
    assertThat(accepts(pem(), text.substring(0, 2) + "=" + text.substring(2))).isTrue();
    assertThat(accepts(pem(), "=" + text + "====")).isTrue();
  }

  @Test
  void paddingThatCompletesAGroupEndsTheSignature() {
    String text = base64(signature);
    assertThat(accepts(pem(), text.substring(0, 2) + "==" + text.substring(2))).isFalse();
    assertThat(accepts(pem(), text.substring(0, text.length() - 4))).isFalse();
    assertThat(accepts(pem(), text.replace("=", ""))).isFalse();
  }

  @Test
  void aSignatureWithoutItsLeadingZeroIsTaken() throws Exception {
    int tries = 0;
    byte[] payload;
    byte[] found;
    do {
      payload = ("payload " + tries++).getBytes(StandardCharsets.US_ASCII);
      found = signed(payload);
    } while (found[0] != 0);
    byte[] stripped = Arrays.copyOfRange(found, 1, found.length);
    assertThat(verifier.accepts(new OriginalEvent(pem(), base64(stripped), payload))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anExponentThatOnlyTheirLibraryTakesIsNobodysFault(int exponent) throws Exception {
    BigInteger modulus = ((RSAPublicKey) small.getPublic()).getModulus();
    assertThat(accepts(pem(modulus, BigInteger.valueOf(exponent)), base64(signature))).isTrue();
  }

  @Test
  void aKeyThatIsTooSmallForUsIsNobodysFault() throws Exception {
    BigInteger modulus = BigInteger.ONE.shiftLeft(399).add(BigInteger.ONE);
    assertThat(accepts(pem(modulus, BigInteger.valueOf(65537)), base64(signature))).isTrue();
  }

  @Test
  void pemThatOnlyTheirLibraryReadsIsNobodysFault() {
    String pem = pem();
    for (String text :
        new String[] {
          pem.replace("\n", "\r\n"),
          pem.replace("\n", "\r"),
          pem.replace("\n", ""),
          pem.replace("\n", "\n  "),
          " " + pem,
          "x" + pem,
          "text before\n" + pem,
          pem + "text behind",
          pem + pem,
          pem.strip(),
          pem.replace("KEY-----\n", "KEY----- \n"),
          pem.replace("PUBLIC", "RSA PUBLIC"),
        }) {
      assertThat(accepts(text, base64(signature))).as(text).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no key", "MIGf", "----BEGIN PUBLIC KEY----"})
  void whatIsNoPemAtAllIsRefused(String text) {
    assertThat(accepts(text, base64(signature))).isFalse();
  }
}
