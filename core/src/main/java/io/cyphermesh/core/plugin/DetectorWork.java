package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Detector;
import io.cyphermesh.api.PluginContext;
import io.cyphermesh.core.source.FailedLine;
import io.cyphermesh.core.source.FollowSettings;

/**
 * What a detector does: it reports to its slot.
 *
 * @param failedLine the line that made its handler fail, over its restarts
 */
record DetectorWork(
    PluginContext plugin, CheckpointSlot slot, FailedLine failedLine, FollowSettings followSettings)
    implements SupervisedExtension.Work<Detector> {
  @Override
  public void run(Detector detector) throws Exception {
    detector.run(new HostedDetectorContext(plugin, slot, failedLine, followSettings));
  }

  @Override
  public void stop() {
    slot.stop();
  }

  @Override
  public void close() {
    slot.close();
  }
}
