package io.cyphermesh.api;

import java.io.IOException;

/** What the node lends to a {@link Detector}. */
public interface DetectorContext extends PluginContext {

  /**
   * Hands a detection to the node, which signs, stores and shares it.
   *
   * <p>Inside a {@link LineHandler} the detections of a line are committed together with the
   * position behind it and the handler's snapshot, in one transaction after the handler returned: a
   * crash neither loses nor repeats them. While more lines stand there to be read, one transaction
   * is made for several lines, at most a tenth of a second later. Elsewhere this call returns when
   * the detection is durable, together with what {@link Checkpoint#save} was last given.
   *
   * <p>Blocks while the node is busy.
   *
   * @throws IllegalArgumentException if the detection cannot become an event, for instance since
   *     its indicator is no address or it is too large; nothing is stored then
   * @throws InterruptedException if told to stop
   */
  void report(Detection detection) throws InterruptedException;

  /** The detector's saved state, for sources other than {@link #follow}. */
  Checkpoint checkpoint();

  /**
   * Reads lines as they are appended to files, and goes on where it was after a restart.
   *
   * <p>Survives rotation, truncation and files that are not there yet; what is lost for good is
   * warned of in the node's log. Position and {@link LineHandler#snapshot} are saved with each
   * report and every 5 s. All lines come on the calling thread. Call it once; it returns only at
   * the end of the input in a replay.
   *
   * @throws IOException if no file can be followed at all
   * @throws InterruptedException if told to stop
   */
  void follow(FollowRequest request, LineHandler handler) throws IOException, InterruptedException;

  /**
   * Says why a line matched a rule or did not; shown by {@code cyphermesh detect --explain} and
   * dropped everywhere else. Ask {@link #tracing} first where making the reason costs time.
   *
   * @param rule what matched; empty where the reason says why nothing did
   */
  @Experimental
  default void trace(String line, String rule, String reason) {}

  /** Whether anybody reads {@link #trace}. */
  @Experimental
  default boolean tracing() {
    return false;
  }

  /**
   * Says that the line in hand is evidence of something, whether it is reported or not; {@code
   * cyphermesh detect} counts such lines. Costs nothing.
   */
  @Experimental
  default void matched() {}

  /**
   * Whether this is a replay: {@link #follow} then gives the lines of other files, whatever the
   * request names, and returns. A detector with a source of another kind, a socket for instance,
   * leaves that alone then and calls {@link #follow} once: a node may be using it.
   */
  @Experimental
  default boolean replaying() {
    return false;
  }
}
