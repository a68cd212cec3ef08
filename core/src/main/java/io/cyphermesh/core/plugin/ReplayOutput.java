package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Detection;
import io.cyphermesh.core.source.ReplayInput;

/**
 * Takes what a replay gives: always on the thread that replays, in the order of the lines, and for
 * one line in the order of the detectors.
 */
public interface ReplayOutput {

  /** A detector would report this. Addresses are in the form that the node would give them. */
  void detected(String detector, Detection detection);

  /**
   * What a detector says of a line; only where tracing was asked for.
   *
   * @param number of the line, from 1
   * @param detector who says it; empty where none says anything
   * @param rule the rule that matched; empty where none did
   * @param reason what came of that, or why none did
   */
  void explained(
      ReplayInput input, long number, String line, String detector, String rule, String reason);

  /**
   * Called every few thousand lines, and at the end.
   *
   * @param bytes read so far of all inputs, packed ones as they are
   * @param lines read so far
   * @param matched lines that a detector called evidence of something
   */
  void progress(long bytes, long lines, long matched);

  /** Something that the reader should know and that does not end the replay. */
  void note(String text);
}
