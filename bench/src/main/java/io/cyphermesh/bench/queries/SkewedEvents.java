package io.cyphermesh.bench.queries;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.ReporterKey;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.store.EventStore.Arrival;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Events as a mesh has them: few sources, types and reporters have most of them, and a long tail
 * has the rest. Signatures are random bytes, since the store does not look at them. Used by one
 * thread.
 */
final class SkewedEvents {
  /** Of these, nine in ten are IPv4. */
  static final int ADDRESSES = 1_000_000;

  static final int TYPES = 60;
  static final int DETECTORS = 12;
  private static final int REPORTERS = 400;
  private static final int IPV6_EACH = 10;
  private static final String[] KINDS = {
    "ssh-bruteforce", "port-scan", "sql-injection", "c2-beacon", "credential-stuffing", "malware"
  };
  private static final String[] SEVERITIES = {
    "low", "low", "low", "low", "low", "medium", "medium", "medium", "high", "high"
  };
  private static final HexFormat HEX = HexFormat.of();

  private final SplittableRandom random;
  private final List<ReporterKey> reporters = new ArrayList<>();

  SkewedEvents(long seed) {
    this.random = new SplittableRandom(seed);
    // The same reporters whatever the seed.
    SplittableRandom keys = new SplittableRandom(7);
    for (int i = 0; i < REPORTERS; i++) {
      byte[] modulus = new byte[256];
      keys.nextBytes(modulus);
      modulus[0] |= (byte) 0x80;
      modulus[255] |= 1;
      String der =
          "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"
              + HEX.formatHex(modulus)
              + "0203010001";
      reporters.add(ReporterKey.ofDer(HEX.parseHex(der)).orElseThrow());
    }
  }

  /** A number below {@code count}, small ones far more often: the skew of what attackers do. */
  int skewed(int count) {
    double u = random.nextDouble();
    return (int) (count * u * u * u * u);
  }

  /** The address of a number. */
  static String address(int number) {
    // Scattered over all of IPv4, so that ranges hold a little of everything.
    int bits = number * 0x9E3779B1;
    if (number % IPV6_EACH == IPV6_EACH - 1) {
      return "2001:db8:"
          + Integer.toHexString(bits >>> 16)
          + ":"
          + Integer.toHexString(bits & 0xffff)
          + "::1";
    }
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }

  /** The type of a number. */
  static String type(int number) {
    return KINDS[number % KINDS.length] + (number < KINDS.length ? "" : "-" + number);
  }

  static String detector(int number) {
    return "detector-" + number;
  }

  ReporterKey reporter(int number) {
    return reporters.get(number % reporters.size());
  }

  /** An event of a time. */
  Arrival next(Instant time) {
    int address = skewed(ADDRESSES);
    int type = skewed(TYPES);
    String severity =
        random.nextInt(100) == 0 ? "critical" : SEVERITIES[random.nextInt(SEVERITIES.length)];
    Optional<SignedEvent.Details> details =
        random.nextInt(5) == 0 ? Optional.empty() : Optional.of(details(address(address)));
    byte[] signature = new byte[SignedEvent.SIGNATURE_BYTES];
    random.nextBytes(signature);
    SignedEvent draft =
        new SignedEvent(
            new EventId("0".repeat(64)),
            address(address),
            type(type),
            severity,
            EventTime.format(time),
            reporters.get(skewed(REPORTERS)),
            signature,
            details);
    return new Arrival(draft.withOwnId(), false, new PeerId.Node(reporters.getFirst().nodeId()));
  }

  private SignedEvent.Details details(String address) {
    String tlp = random.nextInt(50) == 0 ? "amber" : "green";
    String json =
        "{\"confidence\": "
            + random.nextInt(101)
            + ", \"count\": "
            + random.nextInt(1000)
            + ", \"description\": \""
            + random.nextInt(1000)
            + " failed logins as user"
            + random.nextInt(5000)
            + "\", \"detector\": {\"plugin\": \""
            + detector(skewed(DETECTORS))
            + "\", \"rule\": \"main\"}, \"indicator\": {\"type\": \"ip-addr\", \"value\": \""
            + address
            + "\"}, \"technique\": \"T1110.001\", \"tlp\": \""
            + tlp
            + "\"}";
    return new SignedEvent.Details(json, Optional.of(tlp), false);
  }
}
