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
 * @param kinds what it extends: {@code detector}, {@code transport}, {@code exporter}, {@code
 *     discovery}
 * @param state {@code INSTALLED}, {@code RESOLVED}, {@code STARTING}, {@code ACTIVE}, {@code
 *     STOPPING}, {@code STOPPED}, {@code FAILED}, {@code WEDGED} or {@code DISABLED}
 * @param since since when it has been in this state
 * @param produced how many detections it reported, addresses of peers it found, and events it
 *     delivered
 * @param refused how many of its detections could not become events, and of its addresses came too
 *     fast
 * @param restarts how often it was restarted after a fault
 * @param lastError the last fault, one line
 * @param nextTry when a failed one is tried again
 * @param lag how far it is behind, where it exports events
 */
public record PluginView(
    String id,
    String version,
    String provider,
    String description,
    List<String> kinds,
    String state,
    Instant since,
    long produced,
    long refused,
    long restarts,
    Optional<String> lastError,
    Optional<Instant> nextTry,
    Optional<ExportLag> lag) {
  public PluginView {
    kinds = List.copyOf(kinds);
  }
}
