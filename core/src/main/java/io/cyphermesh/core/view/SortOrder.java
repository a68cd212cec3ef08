package io.cyphermesh.core.view;

/** Which way something is sorted. */
public enum SortOrder {
  /** The most, or the latest, first. */
  DESC,
  /** The least, or the earliest, first. */
  ASC
}
