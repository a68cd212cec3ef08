package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A plugin.
 *
 * @param id its {@code Plugin-Id}
 * @param version its {@code Plugin-Version}
 * @param provider its {@code Plugin-Provider}
 * @param description its {@code Plugin-Description}
 * @param requires its {@code Plugin-Requires}, a range of the api's versions; may be empty
 * @param kinds what it extends: {@code detector}, {@code transport}, {@code exporter}, {@code
 *     discovery}
 * @param state {@code INSTALLED}, {@code RESOLVED}, {@code STARTING}, {@code ACTIVE}, {@code
 *     STOPPING}, {@code STOPPED}, {@code FAILED}, {@code WEDGED} or {@code DISABLED}; the worst of
 *     its extensions' states
 * @param since since when it has been in this state
 * @param produced how many detections it reported, addresses of peers it found, and events it
 *     delivered
 * @param refused how many of its detections could not become events, and of its addresses came too
 *     fast
 * @param restarts how often it was restarted after a fault
 * @param lastError the last fault, one line
 * @param errorAt the first stack line of that fault, in the plugin's own code where it has one
 * @param nextTry when a failed one is tried again
 * @param lag how far it is behind, where it exports events
 * @param file the jar; empty where a folder itself cannot be read
 * @param upgrade a jar that was to take this one's place and could not
 * @param trialEnds until when this one, which took another's place, goes back to it at a fault
 * @param extensions its parts, in the order in which its jar names them; empty while it is not
 *     loaded
 */
public record PluginView(
    String id,
    String version,
    String provider,
    String description,
    String requires,
    List<String> kinds,
    String state,
    Instant since,
    long produced,
    long refused,
    long restarts,
    Optional<String> lastError,
    Optional<String> errorAt,
    Optional<Instant> nextTry,
    Optional<ExportLag> lag,
    Optional<PluginFile> file,
    Optional<FailedUpgrade> upgrade,
    Optional<Instant> trialEnds,
    List<ExtensionView> extensions) {
  public PluginView {
    kinds = List.copyOf(kinds);
    extensions = List.copyOf(extensions);
  }

  /**
   * The jar that a plugin comes from.
   *
   * @param path where it lies
   * @param bundled whether it came with the node
   * @param sha256 of its content, 64 lower-case hexadecimal digits; empty until it was read whole
   * @param modified when it was last modified as it was then seen, which tells whether a later
   *     change was seen
   */
  public record PluginFile(
      String path, boolean bundled, Optional<String> sha256, Optional<Instant> modified) {}

  /**
   * A jar that was to take the place of the one that runs.
   *
   * @param version its {@code Plugin-Version}; empty text where it cannot be read
   * @param reason why it could not
   */
  public record FailedUpgrade(String version, PluginFile file, String reason) {}

  /**
   * One class of a plugin that extends the node.
   *
   * @param kind as in {@link PluginView#kinds}
   * @param type name of the class
   */
  public record ExtensionView(
      String kind,
      String type,
      String state,
      Instant since,
      long produced,
      long refused,
      long restarts,
      Optional<String> lastError,
      Optional<String> errorAt,
      Optional<Instant> nextTry,
      Optional<ExportLag> lag) {}
}
