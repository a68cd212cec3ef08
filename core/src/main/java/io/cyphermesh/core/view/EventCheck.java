package io.cyphermesh.core.view;

import java.util.List;
import java.util.Optional;

/**
 * What a node finds of an event that somebody shows it.
 *
 * @param valid whether the node would take it for what it says, bare ones included
 * @param bare whether its id cannot be checked, since its details were dropped on the way
 * @param id as it claims; empty where there is none to read
 * @param reporterId whose signature it should be; empty where that cannot be read
 * @param checks in the order in which they are made; what follows a failed one may be left out
 * @param stored the number under which this node has the very event, if it has
 */
public record EventCheck(
    boolean valid,
    boolean bare,
    Optional<String> id,
    Optional<String> reporterId,
    List<Step> checks,
    Optional<Long> stored) {
  public EventCheck {
    checks = List.copyOf(checks);
  }

  /**
   * One check.
   *
   * @param name {@code form}, {@code id}, {@code signature}, {@code time} or {@code tlp}
   * @param passed whether it passed
   * @param by what checked: an algorithm, and who computes it
   * @param detail what was found, in a few words
   */
  public record Step(String name, boolean passed, String by, String detail) {}
}
