package io.cyphermesh.cli.verify;

import com.google.gson.JsonObject;

/** Checks one event by itself: its form, its id, its signature. */
@FunctionalInterface
public interface EventChecker {

  /**
   * Checks it.
   *
   * @param event with the wire's keys only
   */
  Finding check(JsonObject event);
}
