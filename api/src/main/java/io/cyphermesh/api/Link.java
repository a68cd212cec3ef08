package io.cyphermesh.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A link to a peer: over TLS, its handshake complete, or a plain one of version 1, which has none.
 * One thread may receive while another one sends.
 */
@Experimental
public interface Link extends AutoCloseable {

  /** Who is there: the holder of the key that the handshake proved; empty on a plain link. */
  Optional<NodeId> peer();

  /** The peer's DER SubjectPublicKeyInfo, where {@link #peer} is known; a copy. */
  Optional<byte[]> peerKey();

  /** Whether we dialled. */
  boolean dialled();

  InetSocketAddress localAddress();

  InetSocketAddress remoteAddress();

  /**
   * Waits for the next frame.
   *
   * @param maxBytes a longer frame ends the link before anything of it is read or allocated; on a
   *     plain link it is left out, up to {@link TransportLimits#skip}
   * @return the frame's content, without its length; empty at the orderly end of the link, also
   *     where this end closed it or the thread was interrupted
   * @throws IOException if the link broke or the peer broke the framing; the message says how
   */
  Optional<byte[]> receive(int maxBytes) throws IOException;

  /**
   * Writes frames, each behind its length, and flushes. Blocks while the peer does not read.
   *
   * @throws IOException if the link broke
   */
  void send(List<byte[]> frames) throws IOException;

  /** Ends the link at once, also where another thread is blocked in it. Never blocks for long. */
  @Override
  void close();
}
