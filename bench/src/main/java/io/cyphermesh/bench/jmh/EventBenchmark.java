package io.cyphermesh.bench.jmh;

import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.pipeline.EventVerifier;
import io.cyphermesh.core.protocol.EventCodec;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.ProtocolException;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.protocol.StrictJson;
import java.io.IOException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What each event from a peer goes through, step by step. Every call works on a freshly read event
 * where the step is one that an event remembers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventBenchmark {
  private final FrameCodec codec = new FrameCodec(InstantSource.system(), () -> new UUID(0, 0));
  private final Rsa rsa = Rsa.fastest();
  private final EventVerifier verifier = new EventVerifier(rsa);
  private SignedEvent event;
  private byte[] content;

  /** Signs the one event that is used throughout. */
  public EventBenchmark() {
    try {
      Sample sample = Sample.make(rsa);
      event = sample.event();
      content = sample.content();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What remembers nothing of earlier calls. */
  private SignedEvent fresh() {
    return event.withId(event.claimedId());
  }

  @Setup
  public void check() {
    if (verifier.check(event) != EventVerifier.Finding.FULL) {
      throw new IllegalStateException("the sample does not verify");
    }
  }

  /** The canonical form, signature included. */
  @Benchmark
  public String canonicalForm() {
    return fresh().canonical();
  }

  /** Whether the id is the hash of the content. */
  @Benchmark
  public boolean eventId() {
    return fresh().idMatches();
  }

  /** Id and signature. */
  @Benchmark
  public EventVerifier.Finding verification() {
    return verifier.check(fresh());
  }

  /** A frame from an event. */
  @Benchmark
  public byte[] frameEncode() {
    return codec.encode(new Message.Event(fresh(), 1));
  }

  /** An event from a frame. */
  @Benchmark
  public FrameCodec.Decoded frameDecode() throws ProtocolException {
    return FrameCodec.decode(content);
  }

  /** Only the JSON of a frame. */
  @Benchmark
  public Object strictJson() throws ProtocolException {
    return StrictJson.object(content);
  }

  /** An event from JSON that is read already. */
  @Benchmark
  public SignedEvent eventRead() throws Exception {
    return EventCodec.read(StrictJson.object(content).getAsJsonObject("payload"));
  }
}
