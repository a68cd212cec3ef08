package io.cyphermesh.logwatch;

import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;

/** Watches log files for attacks, by the rules in the plugin's configuration. */
public final class LogWatcher implements Detector {

  /**
   * Follows the configured files until told to stop.
   *
   * @throws IllegalArgumentException if a setting or a rule is wrong; the message names it
   */
  @Override
  public void run(DetectorContext context) throws Exception {
    Settings settings = context.config(Settings.class);
    LogLines lines = new LogLines(settings, context);
    context.follow(new FollowRequest(settings.files(), settings.from()), lines);
  }
}
