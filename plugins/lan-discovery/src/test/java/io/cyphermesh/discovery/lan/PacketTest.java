package io.cyphermesh.discovery.lan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketTest {
  private static final NodeId ID = new NodeId("ab".repeat(32));

  @Test
  void oursIsWhatAnOriginalNodeReadsWithOurIdBesides() {
    String text =
        new String(Packet.ours(Packet.Type.PING, ID, 9001).bytes(), StandardCharsets.UTF_8);
    assertThat(text)
        .isEqualTo(
            "{\"type\": \"PING\", \"node_id\": \"%s\", \"tcp_port\": 9001, \"fp\": \"%s\"}"
                .formatted(ID, ID));
    assertThat(read(text)).contains(Packet.ours(Packet.Type.PING, ID, 9001));
  }

  @Test
  void anOriginalNodesHasNoId() {
    assertThat(read("{\"type\": \"PONG\", \"node_id\": \"n\u00f6de-1\", \"tcp_port\": 65535}"))
        .contains(new Packet(Packet.Type.PONG, "n\u00f6de-1", 65535, Optional.empty()));
  }

  @Test
  void unknownKeysArePassedOver() {
    assertThat(
            read(
                "{\"x\":[{\"y\":null}],\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"z\":-1.5e3}"))
        .isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "PING",
        "[]",
        "null",
        "{}",
        "{\"type\": \"PING\"}",
        "{\"type\":\"PING\",\"node_id\":\"a\"}",
        "{\"type\":\"PING\",\"tcp_port\":1}",
        "{\"node_id\":\"a\",\"tcp_port\":1}",
        "{\"type\":\"ping\",\"node_id\":\"a\",\"tcp_port\":1}",
        "{\"type\":\"HELLO\",\"node_id\":\"a\",\"tcp_port\":1}",
        "{\"type\":1,\"node_id\":\"a\",\"tcp_port\":1}",
        "{\"type\":\"PING\",\"node_id\":7,\"tcp_port\":1}",
        "{\"type\":\"PING\",\"node_id\":\"\",\"tcp_port\":1}",
        "{\"type\":\"PING\",\"node_id\":null,\"tcp_port\":1}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":\"9001\"}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":0}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":-1}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":65536}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":9001.0}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":9e3}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":99999999999999999999}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":true}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"tcp_port\":2}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1} {}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1",
        "{'type':'PING','node_id':'a','tcp_port':1}",
        "\ufeff{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"x\":[[[[[1]]]]]}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"fp\":null}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"fp\":\"\"}",
        "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"fp\":\"ABAB\"}",
      })
  void whatIsNoPacketIsNone(String text) {
    assertThat(read(text)).isEmpty();
  }

  @Test
  void anIdInCapitalsIsNoneRatherThanAnOriginalNodes() {
    assertThat(
            read(
                "{\"type\":\"PING\",\"node_id\":\"a\",\"tcp_port\":1,\"fp\":\"%s\"}"
                    .formatted("AB".repeat(32))))
        .isEmpty();
  }

  @Test
  void whatIsLongerThanAPacketIsNone() {
    String start = "{\"type\":\"PING\",\"tcp_port\":1,\"node_id\":\"";
    int room = Packet.MAX_BYTES - start.length() - 2;
    assertThat(read(start + "a".repeat(room) + "\"}")).isPresent();
    assertThat(read(start + "a".repeat(room + 1) + "\"}")).isEmpty();
  }

  @Test
  void bytesThatAreNoTextAreNone() {
    byte[] bytes =
        "{\"type\":\"PING\",\"node_id\":\"?\",\"tcp_port\":1}".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < bytes.length; i++) {
      byte[] broken = bytes.clone();
      broken[i] = (byte) 0xff;
      assertThat(Packet.read(ByteBuffer.wrap(broken))).isEmpty();
    }
  }

  @Test
  void noBytesMakeItThrow() {
    long seed = 20_261_122;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good = Packet.ours(Packet.Type.PONG, ID, 9001).bytes();
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = good.clone();
      for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      ByteBuffer datagram = ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1));
      Packet.read(datagram)
          .ifPresent(packet -> assertThat(packet.port()).as("seed %d", seed).isBetween(1, 65535));
    }
  }

  private static Optional<Packet> read(String text) {
    return Packet.read(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }
}
