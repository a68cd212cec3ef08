package io.cyphermesh.api;

import org.pf4j.ExtensionPoint;

/**
 * Hands stored events on: to a SIEM, a firewall, a chat room.
 *
 * <p>The node reads its log for each exporter at the exporter's own, durable position. A slow or
 * failing exporter falls behind on its position and keeps nobody else waiting.
 */
public interface Exporter extends ExtensionPoint {

  /**
   * Takes the context. Called once, before anything else, on the thread that will export.
   *
   * @throws Exception if it cannot work here, for instance since a setting is wrong; the message is
   *     shown to the operator
   */
  default void start(ExporterContext context) throws Exception {}

  /**
   * Delivers events, in the order in which the node stored them. Runs on a thread of its own, which
   * the node owns; blocks until they are delivered.
   *
   * <p>Returning means that they are delivered: the position moves behind them. Throwing means the
   * same batch again, after a pause that grows. After a crash of the node a batch that was
   * delivered may come once more, so receivers tell events apart by {@link ThreatEvent#id}.
   *
   * @throws InterruptedException if told to stop; the batch comes again at the next start
   * @throws Exception if they could not be delivered; the message is shown to the operator
   */
  void export(ExportBatch batch) throws Exception;

  /** Lets go of connections and files. Called once, after the last {@link #export}. */
  default void stop() throws Exception {}
}
