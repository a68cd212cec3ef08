package io.cyphermesh.api;

import java.time.Duration;

/**
 * What a transport has to keep. All are settings under {@code limits.*}.
 *
 * @param firstByte how long a caller may say nothing before it counts as a plain version 1 peer
 * @param answer how long the other end of a dial may take to begin its TLS answer; after that it
 *     counts as having none
 * @param handshake how long a TLS handshake may take in all, dialling included
 * @param connect how long a TCP connection may take
 * @param frame how long a frame that was begun may take to arrive whole; after that the link ends
 * @param skip the longest frame, in bytes, that a plain link survives: one longer than may be
 *     received is left out unread, one longer than this ends the link
 * @param pending how many connections may be without a complete handshake at once; beyond it an old
 *     one is closed, of the network that has most of them
 * @param handshakesPerSecond how many handshakes one network (IPv4 /24, IPv6 /48) may begin a
 *     second
 */
@Experimental
public record TransportLimits(
    Duration firstByte,
    Duration answer,
    Duration handshake,
    Duration connect,
    Duration frame,
    int skip,
    int pending,
    int handshakesPerSecond) {}
