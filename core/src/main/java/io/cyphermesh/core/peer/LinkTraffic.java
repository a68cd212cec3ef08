package io.cyphermesh.core.peer;

/**
 * What went over a link since it was made.
 *
 * @param bytesIn frames that came, their lengths included; without TLS
 * @param bytesOut frames that the transport took, likewise
 * @param framesIn frames that came
 * @param framesOut frames that the transport took
 * @param eventsIn events that came, malformed ones included
 * @param eventsOut events that were handed to the transport
 * @param queued frames that wait to be sent
 */
public record LinkTraffic(
    long bytesIn,
    long bytesOut,
    long framesIn,
    long framesOut,
    long eventsIn,
    long eventsOut,
    int queued) {}
