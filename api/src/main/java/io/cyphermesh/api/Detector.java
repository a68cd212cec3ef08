package io.cyphermesh.api;

import org.pf4j.ExtensionPoint;

/** A source of detections: a log file, a sensor's socket, a honeypot. */
public interface Detector extends ExtensionPoint {

  /**
   * Watches until told to stop. Runs on a thread of its own, which the node owns.
   *
   * <p>An interrupt means stop: let {@link InterruptedException} pass. Returning or throwing means
   * a supervised restart after a pause; the state to go on with comes from the checkpoint.
   *
   * @throws Exception whatever went wrong; its message is shown to the operator
   */
  void run(DetectorContext context) throws Exception;
}
