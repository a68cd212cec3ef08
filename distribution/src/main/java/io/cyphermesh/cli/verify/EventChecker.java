package io.cyphermesh.cli.verify;

/** Checks one event by itself: its form, its id, its signature. */
@FunctionalInterface
public interface EventChecker {

  /**
   * Checks it.
   *
   * @param event JSON text with the wire's keys only
   */
  Finding check(String event);
}
