package io.cyphermesh.hotswap;

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
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A peer over a true TLS link: writes what it is given, answers pings, reads past all else. */
final class Feeder implements AutoCloseable {
  private static final byte[] EVENT = "{\"type\": \"event\"".getBytes(StandardCharsets.US_ASCII);

  private final SSLSocket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final FrameCodec codec = new FrameCodec(InstantSource.system(), UUID::randomUUID);
  private final ReentrantLock sending = new ReentrantLock();
  private final AtomicReference<@Nullable String> over = new AtomicReference<>();
  private final Thread reader;

  private Feeder(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
    this.reader = Thread.ofPlatform().daemon().name("feeder").unstarted(this::read);
  }

  /** Dials, shakes hands, exchanges HELLOs. */
  static Feeder dial(NodeIdentity identity, int port) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            identity
                .tls()
                .context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setEnabledProtocols(new String[] {"TLSv1.3"});
    socket.setTcpNoDelay(true);
    Feeder feeder = new Feeder(socket);
    feeder.send(new Message.Hello(2, "cyphermesh", 0, "feeder/1", Set.of()));
    feeder.frame();
    feeder.reader.start();
    return feeder;
  }

  private byte[] frame() throws IOException {
    byte[] content = new byte[in.readInt()];
    in.readFully(content);
    return content;
  }

  private void send(Message message) throws IOException {
    byte[] content = codec.encode(message);
    write(
        ByteBuffer.allocate(Integer.BYTES + content.length)
            .putInt(content.length)
            .put(content)
            .array());
  }

  /** Returns when the link has taken it. */
  void write(byte[] frame) throws IOException {
    String end = over.get();
    if (end != null) {
      throw new IOException("the feeder's link has ended: " + end);
    }
    sending.lock();
    try {
      out.write(frame);
      out.flush();
    } finally {
      sending.unlock();
    }
  }

  private void read() {
    try {
      while (true) {
        byte[] content = frame();
        boolean event =
            content.length > EVENT.length
                && Arrays.equals(content, 0, EVENT.length, EVENT, 0, EVENT.length);
        if (!event && FrameCodec.decode(content).message() instanceof Message.Ping ping) {
          send(new Message.Pong(ping.n()));
        }
      }
    } catch (IOException | ProtocolException e) {
      over.set(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
