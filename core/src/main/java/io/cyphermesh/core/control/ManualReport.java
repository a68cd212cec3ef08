package io.cyphermesh.core.control;

import java.util.Optional;

/**
 * An event reported by hand, unsigned.
 *
 * @param sourceIp the observable, non-empty; an IP address is brought into its canonical form
 * @param threatType what it did, non-empty
 * @param severity {@code low}, {@code medium}, {@code high} or {@code critical}
 * @param detailsJson JSON object of further details; an empty one counts as none
 */
public record ManualReport(
    String sourceIp, String threatType, String severity, Optional<String> detailsJson) {}
