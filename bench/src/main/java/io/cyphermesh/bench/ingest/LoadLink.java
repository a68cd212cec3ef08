package io.cyphermesh.bench.ingest;

import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.ProtocolException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;

/** A peer of the node: sends slices of the load as fast as the link takes them, reads all else. */
final class LoadLink implements AutoCloseable {
  private static final byte[] EVENT = "{\"type\": \"event\"".getBytes(StandardCharsets.US_ASCII);
  private static final int CHUNK = 64 * 1024;

  private final SSLSocket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final FrameCodec codec = new FrameCodec(InstantSource.system(), UUID::randomUUID);
  private final ReentrantLock sending = new ReentrantLock();
  private final AtomicLong relayed = new AtomicLong();
  private volatile boolean closed;

  private LoadLink(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
  }

  /** Dials, shakes hands, exchanges HELLOs. */
  static LoadLink open(NodeIdentity identity, int port) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            identity
                .tls()
                .context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    try {
      socket.setEnabledProtocols(new String[] {"TLSv1.3"});
      socket.setTcpNoDelay(true);
      socket.startHandshake();
      LoadLink link = new LoadLink(socket);
      link.send(new Message.Hello(2, "cyphermesh", 0, "cyphermesh-bench/1", Set.of()));
      link.frame();
      return link;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private byte[] frame() throws IOException {
    byte[] content = new byte[in.readInt()];
    in.readFully(content);
    return content;
  }

  private void send(Message message) throws IOException {
    byte[] content = codec.encode(message);
    byte[] frame =
        ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).array();
    sending.lock();
    try {
      out.write(frame);
      out.flush();
    } finally {
      sending.unlock();
    }
  }

  /** Sends a slice; returns when the link has taken all of it. */
  void send(MappedByteBuffer load, long begin, long end) throws IOException {
    byte[] chunk = new byte[CHUNK];
    sending.lock();
    try {
      for (long at = begin; at < end; at += chunk.length) {
        int length = (int) Math.min(chunk.length, end - at);
        load.get((int) at, chunk, 0, length);
        out.write(chunk, 0, length);
      }
      out.flush();
    } finally {
      sending.unlock();
    }
  }

  /** Reads until the link is closed: answers pings, counts what the node passes on. */
  void read() {
    try {
      while (true) {
        byte[] content = frame();
        if (content.length > EVENT.length
            && Arrays.equals(content, 0, EVENT.length, EVENT, 0, EVENT.length)) {
          relayed.incrementAndGet();
        } else if (FrameCodec.decode(content).message() instanceof Message.Ping ping) {
          send(new Message.Pong(ping.n()));
        }
      }
    } catch (IOException | ProtocolException e) {
      if (!closed) {
        System.err.println("bench: a link ended: " + e.getMessage());
        System.exit(1);
      }
    }
  }

  /** How many events the node passed on over this link. */
  long relayed() {
    return relayed.get();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    socket.close();
  }
}
