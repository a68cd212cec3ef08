package io.cyphermesh.core.view;

/** What indicators are sorted by; the newer one first where they are equal in it. */
public enum IndicatorSort {
  /** The latest time of its events; {@link SortOrder#ASC} has the newer one of equals last. */
  LAST_SEEN,
  /**
   * How many events name it. Of more than 2,500 indicators, {@link SortOrder#DESC} has those with
   * fewer than ten events last, the newer one first however many they have.
   */
  EVENTS,
  /** How many reporters named it. */
  REPORTERS,
  /** The highest severity of its events. */
  SEVERITY
}
