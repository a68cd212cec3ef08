package io.cyphermesh.core.peer;

import java.time.Duration;

/**
 * What a link may do; settings under {@code limits.link.*}.
 *
 * @param eventsPerSecond events a peer may deliver; beyond it the link is not read
 * @param eventsBurst likewise, at once
 * @param bytesPerSecond bytes a peer may deliver
 * @param bytesBurst likewise, at once
 * @param controlPerSecond frames other than events a peer may deliver
 * @param announcedPerSecond events a peer may announce or ask for; beyond it the link is not read
 * @param announcedBurst likewise, at once
 * @param hello how long a peer may take for its HELLO
 * @param stalled how long a peer may leave what we send unread
 * @param inFlight how many of a peer's events may be under judgement at once; beyond it the link is
 *     not read. One frame of many events may go beyond it
 * @param queueFrames how many frames may wait to be sent to a peer
 * @param queueBytes likewise, in bytes
 * @param reporterPerSecond events of one reporter sent to a peer; a little less than peers admit
 * @param reporterBurst likewise, at once
 * @param replayPerSecond events of all reporters together that are made up for; less than a peer
 *     admits of reporters that it never met before
 */
public record LinkSettings(
    double eventsPerSecond,
    double eventsBurst,
    double bytesPerSecond,
    double bytesBurst,
    double controlPerSecond,
    double announcedPerSecond,
    double announcedBurst,
    Duration hello,
    Duration stalled,
    int inFlight,
    int queueFrames,
    long queueBytes,
    double reporterPerSecond,
    double reporterBurst,
    double replayPerSecond) {}
