package io.cyphermesh.suricata;

import java.io.IOException;

/** Receives datagrams, of which each holds one record, or several lines. */
final class DatagramReceiver implements Listener.Receiver {

  /** How long a stop may take at most. */
  private static final int WAIT_MILLIS = 200;

  private final LineSplitter.Lines lines;

  DatagramReceiver(LineSplitter.Lines lines) {
    this.lines = lines;
  }

  @Override
  public void receive(SocketFile file) throws IOException, InterruptedException {
    LineSplitter splitter = new LineSplitter(lines);
    try (UnixDatagrams socket = UnixDatagrams.bind(file.temporary(), LineSplitter.MAX_LINE)) {
      file.publish();
      while (!Thread.interrupted()) {
        if (socket.await(WAIT_MILLIS)) {
          splitter.add(socket.receive());
          splitter.end();
        }
      }
      throw new InterruptedException();
    }
  }
}
