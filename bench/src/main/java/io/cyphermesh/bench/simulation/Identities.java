package io.cyphermesh.bench.simulation;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.PeerRecord;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Keys and addresses for nodes that nobody has to make primes for: a modulus is any odd number of
 * 2048 bits, and a signature says whether it counts as right.
 */
@SuppressWarnings("ReferenceEquality") // It is this very signature that is meant.
final class Identities {
  private static final byte[] HEAD =
      HexFormat.of().parseHex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100");
  private static final byte[] TAIL = HexFormat.of().parseHex("0203010001");
  private static final byte[] RIGHT = new byte[256];
  private static final byte[] WRONG = new byte[256];
  private static final int PORT = 9001;

  /** From 20.0.0.0 to 99.255.0.0 everything is public. */
  private static final int FIRST = 20;

  private static final int MOST_NETWORKS = 80 * 256;
  private static final int HOSTS = 254;

  private final RandomGenerator random;
  private final int[] taken = new int[MOST_NETWORKS];

  Identities(RandomGenerator random) {
    this.random = random;
  }

  ReporterKey key() {
    byte[] der = Arrays.copyOf(HEAD, ReporterKey.DER_BYTES);
    byte[] modulus = new byte[256];
    random.nextBytes(modulus);
    modulus[0] |= (byte) 0x80;
    modulus[modulus.length - 1] |= 1;
    System.arraycopy(modulus, 0, der, HEAD.length, modulus.length);
    System.arraycopy(TAIL, 0, der, HEAD.length + modulus.length, TAIL.length);
    return ReporterKey.ofDer(der).orElseThrow();
  }

  /** An address that nobody else has, in the /16 of that number. */
  HostPort address(int network) {
    int host = taken[network]++;
    return new HostPort(
        (FIRST + network / 256)
            + "."
            + network % 256
            + "."
            + host / HOSTS
            + "."
            + (1 + host % HOSTS),
        PORT);
  }

  /** A record that counts as signed. */
  static PeerRecord record(ReporterKey key, HostPort address, long seq) {
    return new PeerRecord(address, key, seq, RIGHT);
  }

  /** A record that counts as signed by nobody, or by somebody else. */
  static PeerRecord forged(ReporterKey key, HostPort address, long seq) {
    return new PeerRecord(address, key, seq, WRONG);
  }

  static boolean signed(PeerRecord record) {
    return record.signature() != WRONG;
  }
}
