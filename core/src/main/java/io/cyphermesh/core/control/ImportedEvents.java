package io.cyphermesh.core.control;

import java.util.List;

/**
 * What became of events that were imported.
 *
 * @param stored how many were new, and are stored
 * @param duplicates how many were stored before
 * @param refused the others, in the order in which they came
 */
public record ImportedEvents(int stored, int duplicates, List<Refused> refused) {
  public ImportedEvents {
    refused = List.copyOf(refused);
  }

  /**
   * An event that was not stored.
   *
   * @param index its place among those that were given, from 0
   * @param id as it claims, or {@code -}
   * @param reason in a few words
   */
  public record Refused(int index, String id, String reason) {}
}
