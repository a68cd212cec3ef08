package io.cyphermesh.core.view;

import java.time.Instant;
import java.util.Optional;

/**
 * What a node is and where it lives, as far as {@link NodeStatus} does not say it.
 *
 * @param keyAlgorithm what its key is, for instance {@code RSA-2048}
 * @param keyMadeAt when the key was made, as the oldest of its files tells; empty where none does
 * @param dataDirectory where everything of it lives
 * @param freeBytes what is free on that disk; empty where the system does not say
 * @param schema version of the database's schema
 */
public record NodeFacts(
    String keyAlgorithm,
    Optional<Instant> keyMadeAt,
    String dataDirectory,
    Optional<Long> freeBytes,
    int schema) {}
