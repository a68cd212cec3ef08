package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Detection;
import io.cyphermesh.core.store.StoreException;
import java.util.List;
import java.util.Optional;

/** Where detections go. Implemented by the pipeline's local end. */
public interface DetectionSink {

  /**
   * Signs and stores detections and the checkpoint of their detector in one transaction; returns
   * when all is durable. A detection that cannot become an event is left out and told in the
   * answer; the others and the checkpoint are committed all the same.
   *
   * @param owner whose checkpoint it is: plugin id and class of the detector, and where its state
   *     is that of the file follower, {@code #follow}
   * @param pluginId the plugin, named in the events' {@code details.detector}
   * @return for each detection, in order, why it was refused; empty for one that was stored
   * @throws StoreException if nothing of it could be stored, for instance since the disk is full
   */
  List<Optional<String>> submit(
      String owner, String pluginId, List<Detection> detections, Optional<byte[]> checkpoint)
      throws InterruptedException;

  /** The last checkpoint of {@code owner}. */
  Optional<byte[]> checkpoint(String owner);
}
