package io.cyphermesh.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Valid frames, changed at random. */
final class Mutations {
  private Mutations() {}

  /** Decodes so many mutants: each is a message or a reason to end the link, soon. */
  static void mutate(List<byte[]> seeds, int mutants, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < mutants; i++) {
            byte[] mutant = mutated(seeds.get(i % seeds.size()), random);
            try {
              assertThat(FrameCodec.decode(mutant).message()).isNotNull();
            } catch (ProtocolException e) {
              assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
              throw new AssertionError(
                  "seed "
                      + seed
                      + ", mutation "
                      + i
                      + ": "
                      + new String(mutant, StandardCharsets.ISO_8859_1),
                  e);
            }
          }
        });
  }

  private static byte[] mutated(byte[] original, RandomGenerator random) {
    byte[] mutant = original.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(mutant.length);
      int until = Math.min(mutant.length, at + 1 + random.nextInt(40));
      byte[] piece =
          switch (random.nextInt(9)) {
            case 0 -> new byte[] {(byte) random.nextInt(256)};
            case 1 -> new byte[0];
            case 2 -> Arrays.copyOfRange(mutant, at, until);
            case 3 -> bytes("[".repeat(random.nextInt(2_000)));
            case 4 -> bytes("0,".repeat(20_001));
            case 5 ->
                bytes(
                    List.of("\\ud800", "\ufeff", "\"", "\\", "\0", "1e999999999")
                        .get(random.nextInt(6)));
            case 6 -> new byte[] {(byte) 0xc0, (byte) 0xaf, (byte) 0xed, (byte) 0xa0, (byte) 0x80};
            case 7 -> bytes(List.of("=", "A", "AAAA", "A".repeat(700_000)).get(random.nextInt(4)));
            default -> bytes("\"type\": \"event\", ");
          };
      boolean instead = random.nextBoolean();
      byte[] tail = Arrays.copyOfRange(mutant, instead ? until : at, mutant.length);
      byte[] next = Arrays.copyOf(mutant, at + piece.length + tail.length);
      System.arraycopy(piece, 0, next, at, piece.length);
      System.arraycopy(tail, 0, next, at + piece.length, tail.length);
      mutant = next.length == 0 ? new byte[1] : next;
    }
    return mutant;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
