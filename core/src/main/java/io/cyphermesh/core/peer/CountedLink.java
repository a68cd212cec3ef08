package io.cyphermesh.core.peer;

import io.cyphermesh.api.Link;
import io.cyphermesh.api.NodeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** A link whose frames are counted, by bytes. */
record CountedLink(Link link, LongAdder received, LongAdder sent) implements Link {
  @Override
  public Optional<NodeId> peer() {
    return link.peer();
  }

  @Override
  public Optional<byte[]> peerKey() {
    return link.peerKey();
  }

  @Override
  public boolean dialled() {
    return link.dialled();
  }

  @Override
  public InetSocketAddress localAddress() {
    return link.localAddress();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return link.remoteAddress();
  }

  @Override
  public Optional<byte[]> receive(int maxBytes) throws IOException {
    Optional<byte[]> frame = link.receive(maxBytes);
    frame.ifPresent(bytes -> received.add(bytes.length));
    return frame;
  }

  @Override
  public void send(List<byte[]> frames) throws IOException {
    link.send(frames);
    for (byte[] frame : frames) {
      sent.add(frame.length);
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
