package io.cyphermesh.hotswap;

import io.cyphermesh.api.EventId;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.protocol.EventTime;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Events of many reporters, signed beforehand: signing takes more time than all that the nodes do
 * with them. They are kept for half a day, since their time stamps age.
 */
final class SignedFrames {
  private static final Duration FRESH = Duration.ofHours(12);
  private static final int ID_BYTES = 32;

  private SignedFrames() {}

  /** An event, ready for a link, its length in front. */
  record Frame(String id, ByteBuffer bytes) {}

  /**
   * A file of so many events, made where there is none.
   *
   * @param name what tells it from others; their events differ
   */
  static Path of(Path folder, String name, int events, int reporters)
      throws IOException, InterruptedException {
    Path file = folder.resolve(name + "-" + events + "-of-" + reporters + ".frames");
    if (Files.exists(file)
        && Files.getLastModifiedTime(file).toInstant().isAfter(Instant.now().minus(FRESH))) {
      return file;
    }
    Files.createDirectories(folder);
    Path fresh = folder.resolve(name + ".new");
    List<NodeIdentity> identities = identities(folder.resolve("keys-" + name), reporters);
    Maker maker = new Maker(name, Instant.now());
    int batch = 500;
    try (ExecutorService pool = pool();
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh)))) {
      List<Callable<List<Frame>>> work = new ArrayList<>();
      for (int first = 0; first < events; first += batch) {
        int begin = first;
        int end = Math.min(events, first + batch);
        work.add(
            () -> {
              List<Frame> frames = new ArrayList<>();
              for (int n = begin; n < end; n++) {
                frames.add(maker.frame(n, identities.get(n % reporters)));
              }
              return frames;
            });
      }
      for (Future<List<Frame>> part : pool.invokeAll(work)) {
        for (Frame frame : part.get()) {
          out.write(HexFormat.of().parseHex(frame.id()));
          out.write(frame.bytes().array());
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    return Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static ExecutorService pool() {
    return Executors.newFixedThreadPool(
        Runtime.getRuntime().availableProcessors(),
        Thread.ofPlatform().name("sign-", 0).daemon().factory());
  }

  private static List<NodeIdentity> identities(Path keys, int count)
      throws IOException, InterruptedException {
    Rsa rsa = Rsa.fastest();
    List<Callable<NodeIdentity>> work = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path folder = keys.resolve("reporter-" + i);
      work.add(() -> NodeIdentity.open(folder, Optional.empty(), rsa));
    }
    try (ExecutorService pool = pool()) {
      List<NodeIdentity> made = new ArrayList<>();
      for (Future<NodeIdentity> each : pool.invokeAll(work)) {
        made.add(each.get());
      }
      return made;
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** Reads a file's events, one after the other. */
  static final class Reader implements AutoCloseable {
    private final DataInputStream in;

    Reader(Path file) throws IOException {
      in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 18));
    }

    /** The next; the caller knows how many there are. */
    Frame next() throws IOException {
      String id = HexFormat.of().formatHex(in.readNBytes(ID_BYTES));
      int length = in.readInt();
      byte[] bytes = new byte[Integer.BYTES + length];
      ByteBuffer frame = ByteBuffer.wrap(bytes).putInt(length).rewind();
      in.readFully(bytes, Integer.BYTES, length);
      return new Frame(id, frame);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** Signs. Thread-safe. */
  private static final class Maker {
    private final String type;
    private final Instant now;
    private final FrameCodec codec;

    Maker(String name, Instant now) {
      this.type = "hot-swap-" + name;
      this.now = now;
      this.codec = new FrameCodec(InstantSource.fixed(now), () -> new UUID(0, 0));
    }

    Frame frame(int n, NodeIdentity reporter) {
      SignedEvent named = event(n, reporter).withOwnId();
      byte[] signature = reporter.sign(named.signedPayload().getBytes(StandardCharsets.US_ASCII));
      byte[] content = codec.encode(new Message.Event(named.withSignature(signature), 1));
      return new Frame(
          named.claimedId().hex(),
          ByteBuffer.allocate(Integer.BYTES + content.length)
              .putInt(content.length)
              .put(content)
              .flip());
    }

    private SignedEvent event(int n, NodeIdentity reporter) {
      return new SignedEvent(
          new EventId("0".repeat(64)),
          "192.0.2." + (1 + n % 254),
          type,
          "medium",
          // A millisecond apart: that alone makes each of them another event.
          EventTime.format(now.minusMillis(n)),
          reporter.key(),
          new byte[SignedEvent.SIGNATURE_BYTES],
          Optional.empty());
    }
  }
}
