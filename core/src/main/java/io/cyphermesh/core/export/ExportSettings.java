package io.cyphermesh.core.export;

import io.cyphermesh.api.Severity;
import java.util.List;

/**
 * What the operator says of an exporter, whatever plugin brings it: {@code plugins.<id>.export}.
 *
 * @param from where an exporter that never ran before begins
 * @param batch most events in a batch, 1 to 1,000
 * @param amber whether events marked TLP:AMBER may be exported
 * @param minSeverity what is less severe is passed over; an unknown severity counts as low
 * @param types threat types that are exported, a {@code *} at the end standing for any rest; all
 *     where there are none
 * @param excludeTypes threat types that are not
 * @param onlyLocal whether events of other nodes are passed over
 */
public record ExportSettings(
    From from,
    int batch,
    boolean amber,
    Severity minSeverity,
    List<String> types,
    List<String> excludeTypes,
    boolean onlyLocal) {

  private static final int MAX_BATCH = 1_000;

  /** Where to begin. */
  public enum From {
    /** At the oldest stored event. */
    START,
    /** With what is stored from now on. */
    END
  }

  public ExportSettings {
    if (batch < 1 || batch > MAX_BATCH) {
      throw new IllegalArgumentException("batch is 1 to " + MAX_BATCH + ", not " + batch);
    }
    types = List.copyOf(types);
    excludeTypes = List.copyOf(excludeTypes);
  }
}
