package io.cyphermesh.suricata;

import java.io.IOException;
import org.slf4j.Logger;

/**
 * Listens on one socket until interrupted. What does not work now, for instance since the folder is
 * not there yet, is told once and tried again.
 */
final class Listener implements Runnable {

  private static final long RETRY_MILLIS = 2_000;

  private final SocketFile file;
  private final Receiver receiver;
  private final Logger logger;

  /** One kind of socket. */
  @FunctionalInterface
  interface Receiver {
    /** Binds, publishes and receives, until interrupted or until it fails. */
    void receive(SocketFile file) throws IOException, InterruptedException;
  }

  Listener(SocketFile file, Receiver receiver, Logger logger) {
    this.file = file;
    this.receiver = receiver;
    this.logger = logger;
  }

  @Override
  public void run() {
    String told = "";
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          file.makeRoom();
          receiver.receive(file);
        } catch (IOException e) {
          String reason = String.valueOf(e.getMessage());
          if (!Thread.currentThread().isInterrupted() && !reason.equals(told)) {
            told = reason;
            logger.warn("No alerts from {} for now: {}", file.path(), reason);
          }
        } finally {
          removeFile();
        }
        Thread.sleep(RETRY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeFile() {
    try {
      file.remove();
    } catch (IOException e) {
      logger.warn("The socket {} stays behind: {}", file.path(), e.getMessage());
    }
  }
}
