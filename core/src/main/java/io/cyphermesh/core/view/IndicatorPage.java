package io.cyphermesh.core.view;

import java.util.List;
import java.util.Optional;

/**
 * A page of indicators.
 *
 * @param indicators at most as many as asked
 * @param next the cursor of the page behind this one; empty on the last page
 * @param partial as in {@link EventPage}
 */
public record IndicatorPage(
    List<IndicatorView> indicators, Optional<String> next, boolean partial) {
  public IndicatorPage {
    indicators = List.copyOf(indicators);
  }
}
