package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.Optional;

/**
 * How far an exporter is behind.
 *
 * @param events how many events it has not delivered yet; counted to 100,000
 * @param since when the oldest of them was stored
 * @param lost events that were deleted before it could deliver them, ever
 */
public record ExportLag(long events, Optional<Instant> since, long lost) {}
